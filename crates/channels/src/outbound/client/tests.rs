//! The client against addresses it must refuse and against a scripted server.

use super::*;
use crate::testing::Server;

const LONG: Duration = Duration::from_secs(20);

fn public_only() -> OutboundClient {
    OutboundClient::new(AllowList::default()).unwrap()
}

#[tokio::test]
async fn private_targets_are_refused_in_every_spelling() {
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://10.0.0.1:22/",
        "http://0/",
        "http://127.0.0.1./",
    ] {
        assert_eq!(public_only().get(url).err(), Some(OutboundError::NotAllowed), "{url}");
    }
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_resolves_to() {
    let error = public_only().get("http://localhost:9/").unwrap().send(LONG).await.unwrap_err();
    assert_eq!(error, OutboundError::NotAllowed);
    assert_eq!(error.to_string(), "target not allowed");
}

#[tokio::test]
async fn other_schemes_and_rubbish_are_no_addresses() {
    for url in [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "http://",
        "x",
        "",
        "data:text/plain,x",
        "http://a b/",
    ] {
        assert_eq!(public_only().get(url).err(), Some(OutboundError::Address), "{url}");
    }
}

#[tokio::test]
async fn an_allow_listed_server_is_reached_and_no_other() {
    let server = Server::answering(vec!["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".into()]).await;
    let client = OutboundClient::allowing(&server.url()).unwrap();
    let answer = client.get(&server.url()).unwrap().send(LONG).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes(10).await.unwrap(), b"ok");
    assert_eq!(client.get("http://127.0.0.2/").err(), Some(OutboundError::NotAllowed));
    assert_eq!(client.get("http://10.0.0.1/").err(), Some(OutboundError::NotAllowed));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
    let server = Server::answering(vec![redirect.into()]).await;
    let client = OutboundClient::allowing(&server.url()).unwrap();
    let answer = client.get(&server.url()).unwrap().send(LONG).await.unwrap();
    assert_eq!((answer.status(), server.n_requests()), (302, 1));
}

#[tokio::test]
async fn an_endless_body_stops_at_the_cap() {
    let body = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(100_000));
    let server = Server::answering(vec![body]).await;
    let client = OutboundClient::allowing(&server.url()).unwrap();
    let answer = client.get(&server.url()).unwrap().send(LONG).await.unwrap();
    assert_eq!(answer.bytes(1_000).await, Err(OutboundError::TooLarge));
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_told_apart_and_say_nothing_more() {
    let silent = Server::answering(vec![Server::STALL.to_owned()]).await;
    let client = OutboundClient::allowing(&silent.url()).unwrap();
    let error = client.get(&silent.url()).unwrap().send(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error, OutboundError::Late);
    let gone = Server::closed_port().await;
    let error = client.get(&gone).unwrap().send(LONG).await.unwrap_err();
    assert_eq!(error.to_string(), "target cannot be reached");
}
