//! Whom a row is about: identities as people typed them, births, minors, holders of passports.

use callboard_federation::identity::{Identity, Note};

use super::*;

#[test]
fn an_identity_that_a_spreadsheet_mangled_is_refused() {
    for number in [440_308_199_901_101_512_f64, 440_308_199_901_101_000_f64] {
        let wrong = xlsx(|sheet| drop(sheet.write_number(1, 1, number))).err().unwrap();
        assert_eq!(wrong, [invalid(IdentityError::NumberCell)]);
    }
    let date = ExcelDateTime::from_ymd(2031, 7, 1).unwrap();
    let format = CellFormat::new().set_num_format("yyyy-mm-dd");
    let wrong = xlsx(|sheet| drop(sheet.write_datetime_with_format(1, 1, &date, &format))).err().unwrap();
    assert_eq!(wrong, [invalid(IdentityError::DateCell)]);
    for text in ["4.40308E+17", "4.40308199901102E+17", "4E17", "4.40308e+17"] {
        assert_eq!(with("identity", text), [invalid(IdentityError::Scientific)], "{text}");
    }
    // What fifteen digits leave of a number ends in three zeros, and one in eleven passes its check.
    let mangled = "100000198001018000";
    assert_eq!(with("identity", mangled), [invalid(IdentityError::Rounded)]);
    let confirmed = format!("{HEADER},confirmed\n{},是", GOOD.replace("440308199901101512", mangled));
    let rows = read_under(confirmed.as_bytes(), false).unwrap();
    assert_eq!(rows[0].readings[0].excused, [IdentityError::Rounded]);
}

#[test]
fn a_number_that_was_cut_to_fifteen_digits_is_nobody_elses() {
    let sheet = include_bytes!("../../../../tests/identities/cut-sheet.csv");
    assert_eq!(read_under(sheet, false).err().unwrap(), [invalid(IdentityError::Fifteen)]);
}

#[test]
fn what_cant_be_seen_before_a_number_is_named_and_so_is_a_date_outside_life() {
    let said = |value: &str, language| {
        let sheet = format!("{HEADER}\n{}", GOOD.replace("440308199901101512", value));
        let Err(faults) = read_with(sheet.as_bytes(), |_| {}) else { panic!("taken") };
        faults.0[0].wrong.text(language)
    };
    let zero_width = "\u{200b}440308199901101512";
    assert!(said(zero_width, Language::Zh).starts_with("第1个字符是看不见的U+200B"));
    assert!(said(zero_width, Language::En).starts_with("character 1 is U+200B, which can't be seen"));
    assert!(said("'440308199901101512", Language::En).starts_with("character 1 is a quotation mark, U+0027"));
    assert_eq!(with("identity", "100000203001010010"), [invalid(IdentityError::BirthAhead)]);
    assert_eq!(with("identity", "100000185001010014"), [invalid(IdentityError::BornLongAgo)]);
    let sheet = format!("{HEADER},confirmed\n{},yes", GOOD.replace("440308199901101512", "100000185001010014"));
    assert!(read_under(sheet.as_bytes(), false).is_ok());
}

#[test]
fn every_permit_that_there_is_is_taken() {
    let permits = include_str!("../../../../tests/identities/permits.csv");
    for line in permits.lines().skip(1) {
        let [identity, taken] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let row = GOOD.replace("cn-id,440308199901101512", &format!("港澳居民来往内地通行证,{identity}"));
        let read = csv(&[&row]).ok().map(|rows| rows[0].readings[0].identity.value().to_owned());
        assert_eq!(read.unwrap_or_default(), taken, "{identity}");
    }
}

#[test]
fn a_row_is_of_one_subject() {
    let header = format!("{HEADER},kind 2,identity 2,subject type");
    let read = |row: &str| read_under(format!("{header}\n{row}").as_bytes(), false);
    let other_birth = format!("{GOOD},cn-id,610122198310134420,");
    let both = [IdentityError::BirthsDiffer, IdentityError::SexesDiffer].map(invalid);
    assert_eq!(read(&other_birth).err().unwrap(), both);
    let code = format!("{GOOD},cn-uscc,91350200MA2YJ1XR9G,");
    assert_eq!(read(&code).err().unwrap(), [invalid(IdentityError::KindOfAnotherType)]);
    assert!(read(&format!("{GOOD},cn-uscc,91350200MA2YJ1XR9G,persona")).is_ok());
}

/// A row of somebody with these columns besides, under these rules.
fn of_a_child(columns: &str, values: &str, rules: impl FnOnce(&mut Rules<'_>)) -> Result<Vec<Row>, Vec<String>> {
    let policy = policy();
    let mut own = super::rules(&policy.value, false);
    rules(&mut own);
    let row = GOOD.replace("440308199901101512", "10000020090501001X");
    let sheet = format!("{HEADER},{columns}\n{row},{values}");
    read(sheet.as_bytes(), &own).map(|sheet| sheet.rows).map_err(|error| match error {
        Error::Sheet(faults) => names(&faults),
        other => panic!("{other}"),
    })
}

#[test]
fn whoever_was_a_minor_at_the_conduct_is_ruled_on_only_once_that_was_approved_and_never_in_public() {
    let columns = "conduct from,conduct to,guardian";
    let during = "2026-05-01,2026-05-03";
    let approve = |rules: &mut Rules<'_>| rules.confirmed.minors_approved = &[2];
    // 17 at the conduct: born on 1 May 2009.
    let stopped = of_a_child(columns, &format!("{during},"), |_| {}).err().unwrap();
    assert_eq!(stopped, ["MinorNotApproved", "GuardianMissing"]);
    let unnamed = of_a_child(columns, &format!("{during},"), approve).err().unwrap();
    assert_eq!(unnamed, ["GuardianMissing"]);
    let rows = of_a_child(columns, &format!("{during},某父 13800000000"), approve).unwrap();
    assert_eq!(rows[0].plain.guardian.as_deref(), Some("某父 13800000000"));
    let public = of_a_child(columns, &format!("{during},某父"), |rules| {
        approve(rules);
        rules.is_published = true;
    });
    assert_eq!(public.err().unwrap(), ["MinorPublic"]);
    // A minor today was one at the conduct, whenever that was.
    assert_eq!(of_a_child("guardian", "某父", |_| {}).err().unwrap(), ["MinorNotApproved"]);

    // Several answer for a persona: the youngest asks most care.
    let columns_of_both = "kind 2,identity 2,subject type,conduct from,conduct to";
    let both = of_a_child(columns_of_both, &format!("cn-id,440308199901101512,persona,{during}"), |_| {});
    assert_eq!(both.err().unwrap(), ["MinorNotApproved", "GuardianMissing"]);
    let turned = format!("{HEADER},{columns_of_both}\n{GOOD},cn-id,10000020090501001X,persona,{during}");
    let wrong = read_under(turned.as_bytes(), false).err().unwrap();
    assert_eq!(wrong, ["MinorNotApproved", "GuardianMissing"]);

    // Of age at the conduct; and of age today, while nobody says when the conduct was.
    let grown = |rules: &mut Rules<'_>| rules.now = "2030-07-01T04:00:00.000Z".parse().unwrap();
    assert!(of_a_child(columns, "2027-05-01,2027-05-03,", grown).is_ok());
    assert_eq!(of_a_child("guardian", "", grown).err().unwrap(), ["ConductMissing"]);
    let needless = of_a_child(columns, "2027-05-01,2027-05-03,", |rules| {
        grown(rules);
        approve(rules);
    });
    assert_eq!(needless.err().unwrap(), ["NotAMinor"]);
}

#[test]
fn conduct_from_before_the_policy_took_effect_isnt_ruled_on_under_it() {
    let read = |days: &str| {
        let sheet = format!("{HEADER},conduct from,conduct to\n{GOOD},{days}");
        read_under(sheet.as_bytes(), false).map(drop)
    };
    // In effect from 2022-01-01 at 08:00 in Shanghai.
    assert_eq!(read("2021-12-31,2022-02-01"), Err(vec!["ConductBeforePolicy".to_owned()]));
    assert_eq!(read("2022-01-01,2022-02-01"), Err(vec!["ConductBeforePolicy".to_owned()]));
    assert_eq!(read("2022-01-02,2022-02-01"), Ok(()));
}

#[test]
fn a_birth_that_no_identity_tells_is_said_in_a_column_and_sealed() {
    let columns = "date of birth,conduct from,conduct to,guardian";
    let row = GOOD.replace("cn-id,440308199901101512", "passport,UTO:E1234567");
    let read = |born: &str| {
        let sheet = format!("{HEADER},{columns}\n{row},{born},2026-05-01,2026-05-03,");
        read_under(sheet.as_bytes(), false)
    };
    let rows = read("1990-01-05").unwrap();
    assert_eq!(rows[0].plain.more["born"], "1990-01-05");
    assert_eq!(read("2009-05-01").err().unwrap(), ["MinorNotApproved", "GuardianMissing"]);
    assert_eq!(read("2030-01-01").err().unwrap(), [invalid(IdentityError::BirthAhead)]);
    assert!(read("").is_ok());
}

#[test]
fn the_holder_of_a_passport_is_derived_where_name_and_birth_are_told() {
    let columns = "passport name,date of birth";
    let row = GOOD.replace("cn-id,440308199901101512", "护照,FRA:12AB34567");
    let read = |told: &str| read_under(format!("{HEADER},{columns}\n{row},{told}").as_bytes(), false);
    let rows = read("Dupont Marie-Claire,1985-01-01").unwrap();
    let values: Vec<&str> = rows[0].identities().map(Identity::value).collect();
    assert_eq!(values, ["FRA:12AB34567", "FRA:DUPONT<MARIE<CLAIRE:19850101"]);
    assert!(!rows[0].readings[1].identity.kind().is_hard());
    assert_eq!(rows[0].readings[0].notes[0], Note::NoCheckDigit);
    assert_eq!(read(",").unwrap()[0].readings.len(), 1);
    for told in ["Dupont,", "杜邦,1985-01-01"] {
        assert_eq!(read(told).err().unwrap(), ["PassportNameAlone"], "{told}");
    }
    assert_eq!(with("passport name", "DUPONT<<MARIE"), ["PassportNameAlone"]);
}
