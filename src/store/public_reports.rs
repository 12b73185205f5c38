//! Reports of the public: by which code one is followed, and the ciphertexts of its files, in parts.

use callboard_api::registry::{public_reports::NewReportFile, reports::KeptReportFile};
use callboard_federation::encoding::{Hash, ReportId, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
    reports::NewStoredReport,
    transaction::WriteTransaction,
};

const BY_FOLLOW: &str = "SELECT report FROM public_report WHERE follow = $1";
const FOLLOW_OF: &str = "SELECT follow FROM public_report WHERE report = $1";
const SINCE: &str = "SELECT COUNT(*) AS number FROM public_report WHERE received_at > $1";
const BYTES: &str = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS number FROM public_report";
const INSERT: &str = "INSERT INTO public_report (report, follow, received_at, bytes) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (follow) DO NOTHING";
const INSERT_FILE: &str = "INSERT INTO report_file (report, number, bytes, sha256) VALUES ($1, $2, $3, $4)";
const FILES: &str = "SELECT bytes, sha256, whole_at FROM report_file WHERE report = $1 ORDER BY number";
const PUT_PART: &str = "INSERT INTO report_file_part (report, number, part, bytes) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (report, number, part) DO NOTHING";
const COUNT_PARTS: &str = "SELECT COUNT(*) AS number FROM report_file_part WHERE report = $1 AND number = $2";
const PART: &str = "SELECT bytes FROM report_file_part WHERE report = $1 AND number = $2 AND part = $3";
const IS_WHOLE: &str = "UPDATE report_file SET whole_at = $3 WHERE report = $1 AND number = $2 AND whole_at IS NULL";
const DROP_PARTS: &str = "DELETE FROM report_file_part WHERE report = $1 AND number = $2";
const ERASE_PARTS: &str = "DELETE FROM report_file_part WHERE report = $1";
const ERASE_BYTES: &str = "UPDATE public_report SET bytes = 0 WHERE report = $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[
    BY_FOLLOW,
    FOLLOW_OF,
    SINCE,
    BYTES,
    INSERT,
    INSERT_FILE,
    FILES,
    PUT_PART,
    COUNT_PARTS,
    PART,
    IS_WHOLE,
    DROP_PARTS,
    ERASE_PARTS,
    ERASE_BYTES,
];

/// A report of the public to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStoredPublicReport {
    pub report: NewStoredReport,
    /// The id of its follow code.
    pub follow: Hash,
    pub files: Vec<NewReportFile>,
}

struct Report(ReportId);
from_row!(Report, "public_report", |row| Self(row.get("report")?));

struct Follow(Hash);
from_row!(Follow, "public_report", |row| Self(row.get("follow")?));

struct Count(u64);
from_row!(Count, "public_report", |row| Self(row.get("number")?));

struct File(KeptReportFile);
from_row!(File, "report_file", |row| Self(KeptReportFile {
    bytes: row.get("bytes")?,
    sha256: row.get("sha256")?,
    is_whole: row.get::<Option<Time>>("whole_at")?.is_some(),
}));

struct Part(Vec<u8>);
from_row!(Part, "report_file_part", |row| Self(row.get("bytes")?));

impl Store {
    /// Keeps a report of the public, unless there is one of its id or code; whether it is new.
    pub async fn put_public_report(&self, new: &NewStoredPublicReport) -> Result<bool, StoreError> {
        let kept = measured("keep-public-report", async {
            let NewStoredPublicReport { report: stored, follow, files } = new;
            let id = &stored.report.id;
            let files_bytes: u64 = files.iter().map(|file| file.bytes).sum();
            let mut transaction = self.begin_as_writer().await?;
            if !transaction.insert_report(stored).await? {
                return Ok(false);
            }
            let bytes = files_bytes + stored.sealed.len() as u64;
            let values = values![id, follow, stored.report.received_at, bytes];
            if transaction.execute(INSERT, &values).await? == 0 {
                // Dropped without a commit: nothing of the report stays.
                return Ok(false);
            }
            for (number, NewReportFile { bytes, sha256 }) in (0_u64..).zip(files) {
                transaction.execute(INSERT_FILE, &values![id, number, *bytes, sha256]).await?;
            }
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    /// The report that is followed by the code of this id.
    pub async fn report_followed_by(&self, follow: Hash) -> Result<Option<ReportId>, StoreError> {
        Ok(self.row(BY_FOLLOW, &values![&follow]).await?.map(|Report(id)| id))
    }

    /// The id of the code by which a report is followed; `None` of a report that isn't of the public.
    pub async fn follow_of(&self, report: ReportId) -> Result<Option<Hash>, StoreError> {
        Ok(self.row(FOLLOW_OF, &values![&report]).await?.map(|Follow(follow)| follow))
    }

    /// How many reports of the public came after an instant.
    pub async fn public_reports_since(&self, at: Time) -> Result<u64, StoreError> {
        let Count(number) = self.one(SINCE, &values![at]).await?;
        Ok(number)
    }

    /// How many bytes belong to reports of the public that aren't erased: files count from when they were announced.
    pub async fn public_report_bytes(&self) -> Result<u64, StoreError> {
        let Count(number) = self.one(BYTES, &values![]).await?;
        Ok(number)
    }

    /// The files of a report, in order.
    pub async fn report_files(&self, report: ReportId) -> Result<Vec<KeptReportFile>, StoreError> {
        let files: Vec<File> = self.rows(FILES, &values![&report]).await?;
        Ok(files.into_iter().map(|File(file)| file).collect())
    }

    /// Keeps a part of a file, unless there is one; how many there are then.
    pub async fn put_file_part(
        &self,
        report: ReportId,
        number: u64,
        part: u64,
        bytes: &[u8],
    ) -> Result<u64, StoreError> {
        let kept = measured("keep-report-file", async {
            let mut transaction = self.begin_as_writer().await?;
            transaction.execute(PUT_PART, &values![&report, number, part, bytes]).await?;
            transaction.commit().await?;
            Ok(())
        });
        self.note_outcome(kept.await)?;
        let Count(parts) = self.one(COUNT_PARTS, &values![&report, number]).await?;
        Ok(parts)
    }

    /// A part of a file.
    pub async fn file_part(&self, report: ReportId, number: u64, part: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row(PART, &values![&report, number, part]).await?.map(|Part(bytes)| bytes))
    }

    /// Notes that all of a file is there.
    pub async fn note_whole_file(&self, report: ReportId, number: u64, at: Time) -> Result<(), StoreError> {
        let noted = measured("keep-report-file", async {
            let mut transaction = self.begin_as_writer().await?;
            transaction.execute(IS_WHOLE, &values![&report, number, at]).await?;
            transaction.commit().await?;
            Ok(())
        });
        self.note_outcome(noted.await)
    }

    /// Drops the parts of a file that isn't the one that was announced.
    pub async fn drop_file_parts(&self, report: ReportId, number: u64) -> Result<(), StoreError> {
        let dropped = measured("drop-report-file", async {
            let mut transaction = self.begin_as_writer().await?;
            transaction.execute(DROP_PARTS, &values![&report, number]).await?;
            transaction.commit().await?;
            Ok(())
        });
        self.note_outcome(dropped.await)
    }
}

impl WriteTransaction {
    /// Erases the files of a report with the rest of it.
    pub(super) async fn erase_report_files(&mut self, report: ReportId) -> Result<(), StoreError> {
        self.execute(ERASE_PARTS, &values![&report]).await?;
        self.execute(ERASE_BYTES, &values![&report]).await?;
        Ok(())
    }
}
