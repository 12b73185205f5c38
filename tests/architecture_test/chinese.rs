//! Words that no professional of the field would write, in what people read in Chinese: they stand nowhere in letters,
//! pages, policies, documents, and what programs say. What people may type is read as they type it, and not held to
//! this.

use super::{nothing_is_wrong, root, source};

/// A word, what it may be a part of, and what stands instead.
const WORDS: [(&str, &[&str], &str); 33] = [
    ("截止：", &[], "期限：…起至…止"),
    ("无截止时间", &[], "长期（未设终止日期）"),
    ("中止决定书", &[], "暂缓执行决定书"),
    ("终止决定书", &[], "失效确认书"),
    ("视为自始未作出", &[], "自始无效"),
    ("所涉", &[], "原决定"),
    ("港澳台通行证", &[], "港澳居民来往内地通行证、台湾居民来往大陆通行证"),
    ("联合惩戒", &[], "警示和复出决定"),
    ("行业惩戒", &[], "行业自律措施"),
    ("对象", &[], "当事人"),
    ("身份标识", &["网络身份标识"], "证件号码"),
    ("标识类型", &[], "证件类型"),
    ("标识摘要", &[], "身份代码"),
    ("标识已核对", &[], "证件已核对"),
    ("标识关联", &[], "身份关联认定书"),
    ("评奖", &["评优评奖"], "评优评奖"),
    ("违规：", &[], "违规情形"),
    ("陈述登记", &[], "陈述申辩登记"),
    ("名册", &[], "签署权限名单"),
    ("创世", &[], "登记册校验码"),
    ("令牌密钥", &[], "身份代码密钥"),
    ("日志密钥", &[], "登记册签名密钥"),
    ("个中至少", &[], "会员见证：3家中须有2家"),
    ("席位", &[], "评议委员、主任委员、秘书处"),
    ("表格不能采用", &[], "表格需要修改，尚未生成文件"),
    ("数字单元格", &[], "该格为数字格式"),
    ("沙盒", &["沙盒清白", "沙盒示例"], "测试环境"),
    ("批次", &[], "文书"),
    ("拉取", &[], "自行查询"),
    ("入册", &[], "登记"),
    ("传播进度", &[], "送达与执行进度"),
    ("中位", &["中位数"], "中位数"),
    ("/日", &[], "每日查询上限…人次"),
];

/// What people read: by the beginning of a path.
const READ: &[&str] = &[
    "desk/src/letter",
    "desk/src/signing/original.rs",
    "desk/src/signing",
    "desk/src/publication.rs",
    "desk/src/drafts",
    "desk/page/src",
    "src/pages",
    "cli/src/draft",
    "cli/src/sign.rs",
    "cli/src/identities.rs",
    "cli/src/submit.rs",
    "federation/agent/src/check",
    "federation/src/identity/reader",
    "federation/agent/src/cli/doctor",
    "templates",
    "policies",
];

/// Documents that are read in Chinese.
const DOCUMENTS: &[&str] = &["README.zh-CN.md", "docs/glossary.md", "docs/operating.zh-CN.md", "docs/clauses.zh-CN.md"];

#[test]
fn what_people_read_has_the_words_of_the_field() {
    let mut faults = Vec::new();
    let sources = source::read(root()).unwrap_or_else(|error| panic!("the sources can't be read: {error}"));
    for source in sources.iter().filter(|source| !source.is_test() && is_read(&source.path)) {
        faults.extend(wrong(&source.path, before_tests(&source.text)));
    }
    for directory in ["templates", "desk/page/templates", "policies", "federation/src/identity/reader"] {
        for file in std::fs::read_dir(root().join(directory)).expect("the directory is there") {
            let path = file.expect("it can be read").path();
            if path.extension().is_some_and(|extension| extension != "rs") {
                let text = std::fs::read_to_string(&path).expect("it is text");
                faults.extend(wrong(&path.display().to_string(), &text));
            }
        }
    }
    for path in DOCUMENTS {
        let text = std::fs::read_to_string(root().join(path)).expect("the document is there");
        faults.extend(wrong(path, &text));
    }
    nothing_is_wrong(&faults);
}

#[test]
fn a_word_of_another_field_is_seen() {
    for text in ["  截止：2031-12-01", "传播进度", "中位", "网络身份标识和身份标识"] {
        assert!(!wrong("a.html", text).is_empty(), "{text}");
    }
    for text in ["中位数", "评优评奖", "网络身份标识", "送达与执行进度"] {
        assert!(wrong("a.html", text).is_empty(), "{text}");
    }
}

fn is_read(path: &str) -> bool {
    READ.iter().any(|begins| path.starts_with(begins))
}

/// A file's own tests speak as they like.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn wrong(path: &str, text: &str) -> Vec<String> {
    let line = |number: usize, line: &str| {
        WORDS
            .iter()
            .filter_map(|(word, parts, instead)| {
                let rest = parts.iter().fold(line.to_owned(), |rest, part| rest.replace(part, ""));
                rest.contains(word).then(|| format!("{path}:{}: {word}: write {instead}", number + 1))
            })
            .collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(|(number, text)| line(number, text)).collect()
}
