//! What a public text shows that it may not.

use callboard_federation::zh_en;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExposureError {
    #[error("{}", zh_en!("公布内容写出了当事人的全名，应写成赵**",
        "the publication names somebody in full: mask names, as 赵**"))]
    Name,
    #[error("{}", zh_en!("公布内容写出了当事人的证件号码或其中一部分",
        "the publication shows the number of somebody's document, or a part of it"))]
    Number,
}
