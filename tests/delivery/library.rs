//! A library that we didn't write takes our messages: `PyPI`'s `standardwebhooks`, against a live registry.

use std::process::Command;

use crate::{Board, receiver::Receiver, support::engines};

const VERIFY: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
secret, messages = sys.argv[1], json.load(sys.stdin)
for message in messages:
    told = Webhook(secret).verify(message['body'], message['headers'])
    assert told['type'] == 'docket.logged', told
    for wrong in (dict(message['headers'], **{'webhook-id': 'msg_other'}), dict(message['headers'], **{'webhook-signature': 'v1,eA=='})):
        try:
            Webhook(secret).verify(message['body'], wrong)
        except WebhookVerificationError:
            continue
        raise AssertionError('a changed message is taken')
print(len(messages), 'messages verify')
";

#[tokio::test]
async fn the_library_of_the_specification_s_authors_verifies_what_is_pushed() {
    let Ok(python) = std::env::var("CALLBOARD_CONFORMANCE_PYTHON") else {
        return eprintln!("left out: CALLBOARD_CONFORMANCE_PYTHON is not set; `cargo xtask test` prepares it");
    };
    for engine in engines() {
        let mut board = Board::begun(engine).await;
        // The library looks at its own clock.
        board.world.clock.move_to(callboard_client::clock::Clock::now(&callboard_client::clock::MachineClock));
        let receiver = Receiver::start().await;
        let (_, secret) = board.endpoint(&receiver.url).await;
        for _ in 0..3 {
            board.logs_one().await;
        }
        let pushed = receiver.has(3).await;
        let messages: Vec<serde_json::Value> = pushed
            .iter()
            .map(|one| {
                let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
                let headers: serde_json::Map<String, serde_json::Value> =
                    headers.iter().map(|name| ((*name).to_owned(), one.header(name).into())).collect();
                serde_json::json!({"headers": headers, "body": std::str::from_utf8(&one.body).unwrap()})
            })
            .collect();
        let input = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(input.path(), serde_json::to_vec(&messages).unwrap()).unwrap();
        let mut verify = Command::new(&python);
        verify.args(["-c", VERIFY, &secret]).stdin(std::fs::File::open(input.path()).unwrap());
        let told = verify.output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert_eq!(String::from_utf8_lossy(&told.stdout), "3 messages verify\n");
        board.ends().await;
    }
}
