//! The practice component by itself, spoken to by a plain WebSocket client: what it says to a command, in which order,
//! and that it prints what it says it printed.

use super::*;
use tokio_tungstenite::WebSocketStream;

async fn client(c: &PracticeComponent) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", c.port())).await.unwrap();
    tokio_tungstenite::client_async(format!("ws://127.0.0.1:{}/", c.port()), stream).await.unwrap().0
}

/// Sends, and gives what comes until it is quiet for 200 ms.
async fn ask(c: &PracticeComponent, text: &str) -> Vec<Value> {
    let mut socket = client(c).await;
    socket.send(Message::text(text.to_owned())).await.unwrap();
    let mut said = Vec::new();
    while let Ok(Some(Ok(m))) = tokio::time::timeout(Duration::from_millis(200), socket.next()).await {
        if let Message::Text(text) = m {
            said.push(serde_json::from_str(text.as_str()).unwrap());
        }
    }
    said
}

fn print(contents: &Value) -> String {
    json!({"cmd": "print", "requestID": "r1", "version": "1.0", "task": {"taskID": "t1", "preview": false,
           "printer": COMPONENT_PRINTER, "documents": [{"documentID": "773", "contents": [contents]}]}})
    .to_string()
}

fn sealed() -> Value {
    json!({"encryptedData": "AES:abc", "signature": "MD:1", "templateURL": "http://t/1", "ver": "v"})
}

fn words(said: &[Value]) -> Vec<String> {
    let word = |v: &Value| v["taskStatus"].as_str().or(v["status"].as_str()).unwrap_or_default().to_owned();
    said.iter().map(|v| format!("{} {}", v["cmd"].as_str().unwrap_or_default(), word(v))).collect()
}

#[tokio::test]
async fn it_talks_in_the_order_of_the_real_one_and_keeps_what_it_printed() {
    let folder = tempfile::tempdir().unwrap();
    let settings = PracticeComponentSettings { folder: Some(folder.path().join("c")), ..Default::default() };
    let c = PracticeComponent::start(settings).await.unwrap();
    let list = ask(&c, "{\"cmd\":\"getPrinters\",\"requestID\":\"x\"}").await;
    assert_eq!(list[0]["printers"][0], json!({"name": COMPONENT_PRINTER, "status": "enable", "type": "RAW"}));
    assert_eq!(list[0]["printers"][1]["status"], "disable");
    let command = print(&sealed());
    let said = ask(&c, &command).await;
    assert_eq!(
        words(&said),
        [
            "notifyTaskResult initial",
            "print success",
            "notifyDocResult rendered",
            "notifyDocResult printed",
            "notifyPrintResult printed",
            "notifyTaskResult completeSuccess"
        ]
    );
    assert!(said.iter().all(|v| v["requestID"] == "r1"));
    let printed = c.printed();
    assert_eq!((printed.len(), printed[0].document.as_str(), &printed[0].command), (1, "773", &command));
    assert_eq!(std::fs::read_to_string(folder.path().join("c/document0001.json")).unwrap(), command);
    ask(&c, &command).await;
    assert_eq!(c.printed().len(), 2, "a task sent again is printed again");
    c.stop().await;
}

#[tokio::test]
async fn it_refuses_what_the_real_one_refuses() {
    let c = PracticeComponent::start(PracticeComponentSettings::default()).await.unwrap();
    let said = ask(&c, &print(&json!({"data": {"name": "林悠然"}, "templateURL": "http://t/1"}))).await;
    assert_eq!(
        words(&said)[2..],
        ["notifyDocResult rendered", "notifyPrintResult failed", "notifyTaskResult completeFailed"]
    );
    assert_eq!(said[2]["code"], 40, "plain data is not sealed data");
    let none = ask(&c, "{\"cmd\":\"print\",\"requestID\":\"r\",\"task\":{\"taskID\":\"t\",\"documents\":[]}}").await;
    assert_eq!((none[0]["status"].as_str(), none[0]["errorCode"].as_u64()), (Some("failed"), Some(11)));
    let nobody = ask(&c, &print(&sealed()).replace(COMPONENT_PRINTER, "nobody's")).await;
    assert_eq!(nobody[0]["msg"], "无效的打印机");
    assert_eq!(ask(&c, "{\"cmd\":\"dance\"}").await[0]["errorCode"], 404);
    assert_eq!(ask(&c, "{").await[0]["errorCode"], 400);
    assert!(c.printed().is_empty());
}

#[tokio::test]
async fn the_other_spelling_is_the_other_one_everywhere() {
    let c = PracticeComponent::start(PracticeComponentSettings::default()).await.unwrap();
    c.add_fault(ComponentFault::OtherSpelling);
    let said = ask(&c, &print(&sealed())).await;
    assert_eq!(said.len(), 6);
    assert!(said[1].get("taskId").is_some() && said[1].get("taskID").is_none(), "{}", said[1]);
    assert!(said[3].get("documentID").is_some(), "{}", said[3]);
    assert!(said[4]["printStatus"][0].get("documentId").is_some(), "{}", said[4]);
    assert_eq!(ask(&c, &print(&sealed())).await[1]["taskID"], "t1", "a fault fires once");
}

#[tokio::test]
async fn faults_are_asked_for_over_the_markets_control_and_what_was_printed_is_told_there() {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let s = crate::serve(0, 7, None).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let at = s.market.base().join("control/component").unwrap();
    let marked = |request: reqwest::RequestBuilder| request.header("X-Practice-Control", "1");
    let set = marked(http.post(at.clone())).json(&json!({"kind": "refuse", "msg": "busy"})).send().await.unwrap();
    assert_eq!(set.status(), 200);
    let said = ask(&s.component, &print(&sealed())).await;
    assert_eq!((said.len(), said[0]["msg"].as_str()), (1, Some("busy")));
    ask(&s.component, &print(&sealed())).await;
    let told: Value = marked(http.get(at.clone())).send().await.unwrap().json().await.unwrap();
    assert_eq!((told["commands"].as_u64(), told["printed"].as_array().unwrap().len()), (Some(2), 1));
    let odd = marked(http.post(at)).json(&json!({"kind": "dance"})).send().await.unwrap();
    assert_eq!(odd.status(), 422, "no such fault");
    s.stop().await;
}
