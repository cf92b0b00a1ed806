//! Which tokens are believed.

use super::*;

/// A key made for this test with OpenSSL, and a token that its private half has signed.
const MODULUS: &str = "jupXjW2qXzExMbImn-oXeMAGecyHJ3ZZQXoFwdDDZy3TAIlhsSXD6UToPnYmg7RkwGin4qK6Jtouct0k0QWcTmzfvyGrv17X\
    zTdFKPZncjv4bXPkqJQukpihJdIO6Pf4L2HMI9qJVnIygPOzGYKTGalYg0wkQEdJPpddMMGRA6h7rm8GX7GwdcR6EbFs1cyl\
    Y6EKqExGsGofK2irznljpddlUmkLQEunRtkRdq41QtykvYxL_zZ3vn49eS0hv3kg4EQEwRpD-Ic1G2io7KD22jG4xwGGFY2K\
    ZyKc88W75mHXQ9KGpEPXOk1wKq628NaM1JQvAvCWZV6vhNAOkynTKQ";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI6ICJhc2t3ZWxsI\
    iwgInN1YiI6ICJzLTEiLCAibm9uY2UiOiAibiIsICJleHAiOiAyMDAwLCAiaWF0IjogMTAwMCwgImVtYWlsIjogIkFkYUBFe\
    GFtcGxlLm9yZyIsICJlbWFpbF92ZXJpZmllZCI6IHRydWV9.RAI4d7avWDkqviOFqoG2QxHvyTEZhQCEzglrTvImSNgJvS7L\
    urNemOzourXBc-b_TcskqLP1tU8Y48_iik3MAyniI7cUJwGaB6w8Uce6OseHJ3r3zB2VIdnrPAuC6jb40Fa-v_uW80OIhXfz\
    mVDw38Xz_e98Z4PfqngbqRFx__9JEKj1AvxN4YLF_1Zkw-EUs4NWQOMfGLJZ58xlO5FWZyWqzWW_O2RXEmgecTdfgsMqP-27\
    3sAS-bgtd-GhOJiW0WXpOpwejZYQg5J0bqVtwtU2Fc0y3bOZZsReyVC8sZCKjGOONjxpDpvV54AyzI2vV-9DdG8LKfgTEk-9\
    tEnZqw";

const EXPECTED: Expected<'_> =
    Expected { issuer: "https://id.example", client_id: "askwell", nonce: "n", now_s: 1_500 };

fn keys(key: serde_json::Value) -> KeySet {
    serde_json::from_value(serde_json::json!({ "keys": [key] })).unwrap()
}

fn rsa() -> serde_json::Value {
    serde_json::json!({ "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": MODULUS, "e": "AQAB" })
}

#[test]
fn a_token_of_the_provider_is_believed() {
    let identity = verify(TOKEN, &keys(rsa()), EXPECTED).unwrap();
    assert_eq!(identity.subject, "s-1");
    assert_eq!(identity.verified_email.as_deref(), Some("ada@example.org"));
}

#[test]
fn what_does_not_fit_is_refused() {
    for expected in [
        Expected { issuer: "https://id.example/", ..EXPECTED },
        Expected { client_id: "other", ..EXPECTED },
        Expected { nonce: "m", ..EXPECTED },
        Expected { now_s: 2_060, ..EXPECTED },
        Expected { now_s: 900, ..EXPECTED },
    ] {
        assert!(verify(TOKEN, &keys(rsa()), expected).is_err(), "{expected:?}");
    }
    assert!(verify(TOKEN, &keys(rsa()), Expected { now_s: 2_059, ..EXPECTED }).is_ok(), "clocks differ");
    for (part, value) in [("kid", "s"), ("use", "enc"), ("alg", "PS256"), ("kty", "oct"), ("e", "Aw")] {
        let mut key = rsa();
        key[part] = value.into();
        assert!(verify(TOKEN, &keys(key), EXPECTED).is_err(), "{part}");
    }
    let (head, signature) = TOKEN.rsplit_once('.').unwrap();
    let (header, claims) = head.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let other = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"r","crit":["exp"]}"#);
    for token in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{other}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{signature}."),
        format!("{header}.{claims}x.{signature}"),
        String::new(),
    ] {
        assert!(verify(&token, &keys(rsa()), EXPECTED).is_err(), "{token}");
    }
}
