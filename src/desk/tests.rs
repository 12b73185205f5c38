//! What the desk's tests decide by: a policy, and people whose numbers are made up or printed as examples.

use callboard_federation::{document::Document, encoding::Time, policy::Policy};

/// Noon of 1 July 2026 in Shanghai.
pub(super) fn noon() -> Time {
    "2026-07-01T04:00:00.000Z".parse().unwrap()
}

/// A policy of every measure.
pub(super) fn policy() -> Document<Policy> {
    Document::read(
        serde_json::json!({
            "v": 1, "instrument": "cpa-2022", "version": "1",
            "title": {"zh": "网络主播警示与复出管理办法", "en": "Rules on warning and return of online presenters"},
            "effectiveFrom": "2022-01-01T00:00:00.000Z", "zone": "Asia/Shanghai",
            "words": {
                "notice": {"zh": "提醒", "en": "notice"},
                "warning": {"zh": "告诫", "en": "caution"},
                "restriction": {"zh": "限制", "en": "restriction"},
                "suspension": {"zh": "警示（停止直播服务）", "en": "warning (all live service stops)"},
                "bar": {"zh": "永久禁止", "en": "permanent bar"}
            },
            "measures": {
                "notice": {"until": "forbidden", "scopes": [], "onTermEnd": "expires"},
                "restriction": {"until": "required", "scopes": ["live", "promotion", "topic"], "onTermEnd": "expires"},
                "suspension": {"until": "optional", "scopes": [], "onTermEnd": "requires-reinstatement"},
                "bar": {"until": "forbidden", "scopes": [], "onTermEnd": "requires-reinstatement"}
            },
            "interim": {"maxDays": 30},
            "violations": [
                {"code": "NB-11", "zh": "淫秽、赌博、毒品、暴力", "en": "obscenity, gambling, drugs, violence", "source": "NB", "mark": "C"},
                {"code": "NB-25", "zh": "销售假冒伪劣商品", "en": "fake or unsafe goods", "source": "NB", "mark": "C"}
            ],
            "decide": {}
        })
        .to_string(),
    )
    .unwrap()
}
