//! Tests of dates: a calendar counted day by day.

use super::HttpDate;

fn text(seconds: u64) -> String {
    String::from_utf8(HttpDate::from_unix(seconds).as_bytes().to_vec()).unwrap()
}

#[test]
fn published_examples() {
    let table = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        // RFC 9110 sections 5.6.7, 6.6.1, 8.8.2.1 (Last-Modified), 10.2.3 (Retry-After).
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (784_887_151, "Tue, 15 Nov 1994 08:12:31 GMT"),
        (784_903_526, "Tue, 15 Nov 1994 12:45:26 GMT"),
        (946_684_799, "Fri, 31 Dec 1999 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ];
    for (seconds, expected) in table {
        assert_eq!(text(seconds), expected);
    }
}

/// The calendar as a clerk would keep it: turn a leaf a day.
#[test]
fn every_day_from_1970_to_2400_is_the_one_of_a_calendar_kept_by_hand() {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let months = [
        ("Jan", 31),
        ("Feb", 28),
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
        ("Nov", 30),
        ("Dec", 31),
    ];
    let (mut seconds, mut weekday) = (0_u64, 3);
    for year in 1970..=2400 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (month, length) in months {
            let length = if leap && month == "Feb" { 29 } else { length };
            for day in 1..=length {
                // Some time of the day, another one each day.
                let time = seconds / 86_400 * 7919 % 86_400;
                let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
                let expected = format!(
                    "{}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT",
                    names[weekday]
                );
                assert_eq!(text(seconds + time), expected);
                seconds += 86_400;
                weekday = (weekday + 1) % 7;
            }
        }
    }
}

#[test]
fn every_second_of_a_day() {
    for second in 0..86_400 {
        let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
        assert_eq!(&text(784_080_000 + second)[17..25], format!("{h:02}:{m:02}:{s:02}"));
    }
}

#[test]
fn years_beyond_9999_become_the_last_second_that_the_grammar_has() {
    let last = "Fri, 31 Dec 9999 23:59:59 GMT";
    assert_eq!(text(HttpDate::LAST), last);
    assert_eq!(text(HttpDate::LAST + 1), last);
    assert_eq!(text(u64::MAX), last);
    let mut date = HttpDate::from_unix(0);
    date.update(u64::MAX);
    assert_eq!(date, HttpDate::from_unix(HttpDate::LAST));
}

#[test]
fn an_update_is_the_date_made_anew() {
    let mut date = HttpDate::from_unix(0);
    for seconds in [0, 1, 1, 59, 60, 3600, 86_399, 86_400, 86_399, 784_111_777] {
        date.update(seconds);
        assert_eq!(date, HttpDate::from_unix(seconds));
    }
}

#[test]
fn the_field_line_is_the_date_with_its_name() {
    let date = HttpDate::from_unix(784_111_777);
    assert_eq!(date.field_line(), b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_eq!(date.as_bytes().len(), HttpDate::LENGTH);
    assert_eq!(format!("{date:?}"), "HttpDate(Sun, 06 Nov 1994 08:49:37 GMT)");
}
