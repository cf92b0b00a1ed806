//! An OpenID Connect provider that says what a test wants it to say, with keys of its own.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

/// What the next token says, and how it is signed.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Claims in place of the right ones; null leaves one out.
    pub claims: Value,
    /// The algorithm in the header; `ES256` is the right one.
    pub algorithm: &'static str,
}

/// The provider. It ends with the test's runtime.
pub struct IdentityProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    keys: EcdsaKeyPair,
    says: Mutex<Claims>,
    /// The challenge and the nonce of the sign-in that is under way.
    asked: Mutex<(String, String)>,
}

impl IdentityProvider {
    /// What a site knows it by.
    pub const CLIENT: (&'static str, &'static str) = ("askwell", "client secret");

    /// Starts on a free port of this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let random = SystemRandom::new();
        let keys = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let keys = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, keys.as_ref(), &random);
        let shared = Arc::new(Shared {
            issuer: format!("http://{address}"),
            keys: keys.expect("a key"),
            says: Mutex::new(Claims { claims: json!({}), algorithm: "ES256" }),
            asked: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/keys", get(keys_of))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says this of whoever comes next.
    pub fn say(&self, algorithm: &'static str, claims: Value) {
        *self.shared.says.lock().unwrap_or_else(PoisonError::into_inner) = Claims { claims, algorithm };
    }

    /// A person signs in at the provider, where a browser was sent to; gives the path it is sent back to.
    ///
    /// # Panics
    /// When the browser was sent with something missing.
    pub fn visit(&self, url: &str) -> String {
        let (place, query) = url.split_once('?').expect("a query");
        assert_eq!(place, format!("{}/authorize", self.issuer()));
        let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", Self::CLIENT.0),
            ("scope", "openid+email"),
            ("code_challenge_method", "S256"),
            ("redirect_uri", "http%3A%2F%2Fhelp.example%2Fapp%2Fsign-in%2Fprovider%2Freturn"),
        ] {
            assert_eq!(query.get(name), Some(&value), "{name} of {url}");
        }
        let asked = (query["code_challenge"].to_owned(), query["nonce"].to_owned());
        *self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
        format!("/app/sign-in/provider/return?code=good&state={}", query["state"])
    }
}

async fn description(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
    }))
}

async fn keys_of(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let point = shared.keys.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "x": x, "y": y }] }))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let basic = format!("Basic {}", STANDARD.encode("askwell:client%20secret"));
    let authorized = headers.get(header::AUTHORIZATION).is_some_and(|value| value == &*basic);
    let (challenge, nonce) = shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let is_verified = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge;
    if !authorized || !is_verified || form.get("code").is_none_or(|code| code != "good") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let says = shared.says.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // The clock of the tests stands at 2026-01-01.
    let mut claims = json!({
        "iss": shared.issuer, "aud": IdentityProvider::CLIENT.0, "sub": "subject", "nonce": nonce,
        "iat": 1_767_225_600, "exp": 1_767_225_900,
    });
    for (name, value) in says.claims.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("claims").retain(|_, value| !value.is_null());
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": shared.sign(&claims, says.algorithm) }))
        .into_response()
}

impl Shared {
    fn sign(&self, claims: &Value, algorithm: &str) -> String {
        let header = json!({ "alg": algorithm, "kid": "k" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(&header), encode(claims));
        let signature = match algorithm {
            "none" => vec![],
            // The public key as a shared secret, which whoever reads it could sign with.
            "HS256" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.keys.public_key().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            _ => {
                let signed = self.keys.sign(&SystemRandom::new(), message.as_bytes());
                signed.expect("a signature").as_ref().to_vec()
            }
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
