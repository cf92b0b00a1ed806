// The description of the API, read once when it is first needed, and what a form needs to know of it.

/** @typedef {{ name: string, in: string, description?: string, required?: boolean, schema?: any }} Parameter */
/** @typedef {{ parameters: Parameter[], example: string | null, takesKey: boolean }} Described */

const DEPTH_MAX = 6;

/** @type {Promise<any> | undefined} */
let reading;

function read() {
  reading ??= fetch("/api/openapi.json").then((answer) => {
    if (!answer.ok) throw new Error(`the description cannot be read: ${answer.status}`);
    return answer.json();
  });
  reading.catch(() => (reading = undefined));
  return reading;
}

/**
 * What an operation takes.
 * @param {string} method
 * @param {string} path
 * @returns {Promise<Described>}
 */
export async function describe(method, path) {
  const document = await read();
  const operation = document.paths[path][method.toLowerCase()];
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const example = schema && JSON.stringify(exampleOf(document, schema, 0), null, 2);
  return { parameters: operation.parameters ?? [], example: example ?? null, takesKey: Boolean(operation.security) };
}

/**
 * What a schema requires, with values to write over.
 * @param {any} document
 * @param {any} schema
 * @param {number} depth
 * @returns {any}
 */
function exampleOf(document, schema, depth) {
  if (depth > DEPTH_MAX || !schema) return null;
  if (schema.$ref) {
    const parts = schema.$ref.slice(2).split("/");
    return exampleOf(document, parts.reduce((/** @type {any} */ at, /** @type {string} */ part) => at[part], document), depth + 1);
  }
  for (const value of [schema.example, schema.default, schema.const, schema.enum?.[0]]) if (value !== undefined) return value;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return exampleOf(document, choices.find((/** @type {any} */ choice) => choice.type !== "null"), depth + 1);
  const kind = [schema.type ?? "object"].flat().find((name) => name !== "null");
  if (kind === "string") return "";
  if (kind === "integer" || kind === "number") return schema.minimum ?? 1;
  if (kind === "boolean") return true;
  if (kind === "array") return [exampleOf(document, schema.items, depth + 1)];
  /** @type {Record<string, any>} */
  const object = {};
  for (const part of schema.allOf ?? []) Object.assign(object, exampleOf(document, part, depth + 1));
  for (const name of schema.required ?? []) object[name] = exampleOf(document, schema.properties?.[name], depth + 1);
  return object;
}
