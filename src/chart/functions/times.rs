//! Reading of times by a Go layout, and of durations.

use jiff::tz::TimeZoneDatabase;

use super::layout::{Element, Offset, next_element};
use crate::chart::template::{Time, Zone, days_of, month_name, weekday_name};

/// What has been read so far.
#[derive(Default)]
struct Reading {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    afternoon: Option<bool>,
    offset: Option<i64>,
    utc: bool,
    zone_name: Option<String>,
}

/// A zone by its IANA name; `UTC`, `Local` (which is `local`) and the empty name are understood as in Go.
pub(super) fn zone(name: &str, local: &str) -> Option<Zone> {
    match name {
        "" | "UTC" => Some(Zone::Utc),
        "Local" if local == "Local" => Some(Zone::Utc),
        "Local" => zone(local, "UTC"),
        _ if name.contains("..") || name.starts_with('/') || name.contains('\\') => None,
        _ => {
            let known = TimeZoneDatabase::bundled();
            known.get(name).ok().filter(|zone| zone.iana_name() == Some(name)).map(Zone::Rules)
        }
    }
}

/// `time.ParseInLocation`; none if the text does not fit the layout.
pub(super) fn parse(layout: &str, text: &str, local: &str) -> Option<Time> {
    let mut reading = Reading { year: 1, ..Reading::default() };
    reading.year = 0;
    let (mut layout, mut text) = (layout, text);
    loop {
        let (before, element, after) = next_element(layout);
        text = skip(text, before)?;
        let Some(element) = element else {
            return if text.is_empty() { reading.finish(local) } else { None };
        };
        layout = after;
        text = reading.read(element, text, layout)?;
        // A fraction may follow seconds even if the layout has none.
        if matches!(element, Element::Second | Element::ZeroSecond)
            && text.starts_with(['.', ','])
            && text[1..].starts_with(|rune: char| rune.is_ascii_digit())
            && !matches!(next_element(layout), ("", Some(Element::Fraction(..)), _))
        {
            let digits = 1 + text[1..].bytes().take_while(u8::is_ascii_digit).count();
            reading.nanos = nanos(&text[1..digits])?;
            text = &text[digits..];
        }
    }
}

/// Takes the fixed text of a layout; runs of spaces match runs of spaces.
fn skip<'a>(mut text: &'a str, mut prefix: &str) -> Option<&'a str> {
    while let Some(first) = prefix.chars().next() {
        if first == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            prefix = prefix.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
            continue;
        }
        text = text.strip_prefix(first)?;
        prefix = &prefix[first.len_utf8()..];
    }
    Some(text)
}

/// One or two digits; two if they are fixed.
fn number(text: &str, fixed: bool) -> Option<(i64, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (fixed && digits < 2) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let part = text.get(..count).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((part.parse().ok()?, &text[count..]))
}

fn nanos(digits: &str) -> Option<u32> {
    let shown: String = digits.chars().take(9).collect();
    format!("{shown:0<9}").parse().ok()
}

fn name(text: &str, names: impl Iterator<Item = String>) -> Option<(i64, &str)> {
    for (at, name) in names.enumerate() {
        if text.get(..name.len()).is_some_and(|part| part.eq_ignore_ascii_case(&name)) {
            return Some((at as i64, &text[name.len()..]));
        }
    }
    None
}

fn in_range(number: i64, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    range.contains(&number).then_some(number)
}

impl Reading {
    fn read<'a>(&mut self, element: Element, text: &'a str, layout: &str) -> Option<&'a str> {
        let short = |name: String| name[..3].to_owned();
        Some(match element {
            Element::LongYear => {
                let (year, rest) = digits(text, 4)?;
                self.year = year;
                rest
            }
            Element::Year => {
                let (year, rest) = digits(text, 2)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                rest
            }
            Element::Month => self.month_name(name(text, (1..=12).map(month_name).map(short))?),
            Element::LongMonth => self.month_name(name(text, (1..=12).map(month_name))?),
            Element::NumberMonth | Element::ZeroMonth => {
                let (month, rest) = number(text, element == Element::ZeroMonth)?;
                self.month = Some(in_range(month, 1..=12)?);
                rest
            }
            Element::Weekday => name(text, (0..7).map(weekday_name).map(short))?.1,
            Element::LongWeekday => name(text, (0..7).map(weekday_name))?.1,
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                let text =
                    if element == Element::UnderDay { text.strip_prefix(' ').unwrap_or(text) } else { text };
                let (day, rest) = number(text, element == Element::ZeroDay)?;
                self.day = Some(day);
                rest
            }
            Element::UnderYearDay | Element::ZeroYearDay => self.read_year_day(element, text)?,
            Element::Fraction(_, count, trim) => self.read_fraction(text, count, trim)?,
            Element::ZoneName => self.read_zone_name(text)?,
            Element::Offset(form, utc) => self.read_offset(text, form, utc)?,
            Element::UpperHalf | Element::LowerHalf => self.read_half(text, element)?,
            _ => self.read_clock(element, text, layout)?,
        })
    }

    fn month_name<'a>(&mut self, (at, rest): (i64, &'a str)) -> &'a str {
        self.month = Some(at + 1);
        rest
    }

    fn read_clock<'a>(&mut self, element: Element, text: &'a str, _layout: &str) -> Option<&'a str> {
        let fixed = matches!(element, Element::ZeroHour12 | Element::ZeroMinute | Element::ZeroSecond);
        let (value, rest) = number(text, fixed)?;
        match element {
            Element::Hour => self.hour = in_range(value, 0..=23)?,
            Element::Hour12 | Element::ZeroHour12 => self.hour = in_range(value, 0..=12)?,
            Element::Minute | Element::ZeroMinute => self.minute = in_range(value, 0..=59)?,
            _ => self.second = in_range(value, 0..=59)?,
        }
        Some(rest)
    }

    fn read_half<'a>(&mut self, text: &'a str, element: Element) -> Option<&'a str> {
        let half = text.get(..2)?;
        let upper = element == Element::UpperHalf;
        self.afternoon = Some(match half {
            "PM" if upper => true,
            "AM" if upper => false,
            "pm" if !upper => true,
            "am" if !upper => false,
            _ => return None,
        });
        Some(&text[2..])
    }

    fn read_year_day<'a>(&mut self, element: Element, text: &'a str) -> Option<&'a str> {
        let padded = if element == Element::UnderYearDay {
            text.get(..3)?.replace(' ', "0")
        } else {
            text.get(..3)?.to_owned()
        };
        if !padded.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.year_day = padded.parse().ok();
        Some(&text[3..])
    }

    fn read_fraction<'a>(&mut self, text: &'a str, count: usize, trim: bool) -> Option<&'a str> {
        let follows = text.starts_with(['.', ',']);
        if trim {
            if !follows || !text[1..].starts_with(|rune: char| rune.is_ascii_digit()) {
                return Some(text);
            }
            let end = 1 + text[1..].bytes().take_while(u8::is_ascii_digit).count().min(9);
            self.nanos = nanos(&text[1..end])?;
            return Some(&text[end..]);
        }
        if !follows {
            return None;
        }
        let (_, rest) = digits(&text[1..], count)?;
        self.nanos = nanos(&text[1..=count])?;
        Some(rest)
    }

    fn read_offset<'a>(&mut self, text: &'a str, form: Offset, utc: bool) -> Option<&'a str> {
        if utc && text.starts_with('Z') {
            self.utc = true;
            return Some(&text[1..]);
        }
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let mut rest = &text[1..];
        let (parts, colon) = match form {
            Offset::Hours => (1, false),
            Offset::Minutes => (2, false),
            Offset::ColonMinutes => (2, true),
            Offset::Seconds => (3, false),
            Offset::ColonSeconds => (3, true),
        };
        let mut values = [0; 3];
        for (at, value) in values.iter_mut().enumerate().take(parts) {
            if at > 0 && colon {
                rest = rest.strip_prefix(':')?;
            }
            (*value, rest) = digits(rest, 2)?;
        }
        let [hours, minutes, seconds] = values;
        in_range(hours, 0..=24)?;
        in_range(minutes, 0..=60)?;
        in_range(seconds, 0..=60)?;
        self.offset = Some(sign * (hours * 3_600 + minutes * 60 + seconds));
        Some(rest)
    }

    fn read_zone_name<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        if let Some(rest) = text.strip_prefix("UTC") {
            self.utc = true;
            return Some(rest);
        }
        let width = zone_name_width(text)?;
        self.zone_name = Some(text[..width].to_owned());
        Some(&text[width..])
    }

    fn finish(self, local: &str) -> Option<Time> {
        let mut hour = self.hour;
        match self.afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let (mut month, mut day) = (self.month, self.day);
        if let Some(year_day) = self.year_day {
            in_range(year_day, 1..=365 + i64::from(leap))?;
            let of_month = (1..=12)
                .rev()
                .find(|month| days_of(self.year, *month, 1) - days_of(self.year, 1, 1) < year_day)?;
            let of_day = year_day - (days_of(self.year, of_month, 1) - days_of(self.year, 1, 1));
            if month.is_some_and(|month| month != of_month) || day.is_some_and(|day| day != of_day) {
                return None;
            }
            (month, day) = (Some(of_month), Some(of_day));
        }
        let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
        let last = days_of(self.year, month + 1, 1) - days_of(self.year, month, 1);
        in_range(day, 1..=last)?;
        let seconds = days_of(self.year, month, day) * 86_400 + hour * 3_600 + self.minute * 60 + self.second;
        Some(self.place(seconds, local))
    }

    /// Gives the civil `seconds` their zone.
    fn place(&self, seconds: i64, local: &str) -> Time {
        let at = |seconds: i64, zone: Zone| Time { seconds, nanos: self.nanos, zone };
        if self.utc {
            return at(seconds, Zone::Utc);
        }
        let here = zone("Local", local).unwrap_or(Zone::Utc);
        if let Some(offset) = self.offset {
            let time = at(seconds - offset, here.clone());
            let civil = time.civil();
            // An offset that the local zone has at that time means the local zone.
            let fits = self.zone_name.as_ref().is_none_or(|name| *name == civil.abbreviation);
            if civil.offset == offset && fits {
                return time;
            }
            let name = self.zone_name.clone().unwrap_or_default();
            return at(seconds - offset, Zone::Fixed(offset as i32, name));
        }
        if let Some(name) = &self.zone_name {
            if let Some(time) =
                in_zone(seconds, self.nanos, &here).filter(|time| time.civil().abbreviation == *name)
            {
                return time;
            }
            let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(0);
            return at(seconds - hours * 3_600, Zone::Fixed((hours * 3_600) as i32, name.clone()));
        }
        in_zone(seconds, self.nanos, &here).unwrap_or_else(|| at(seconds, Zone::Utc))
    }
}

/// The time at which the clocks of a zone show the civil `seconds`.
fn in_zone(seconds: i64, nanos: u32, zone: &Zone) -> Option<Time> {
    let guess = Time { seconds, nanos, zone: zone.clone() };
    let first = guess.civil().offset;
    let time = Time { seconds: seconds - first, ..guess };
    let second = time.civil().offset;
    Some(if second == first { time } else { Time { seconds: seconds - second, ..time } })
}

/// How many bytes a zone's abbreviation takes: three or four capitals, or `+03`, or `GMT+3`.
fn zone_name_width(text: &str) -> Option<usize> {
    let signed = |rest: &str| -> Option<usize> {
        let sign = rest.starts_with(['+', '-']);
        let digits = rest.get(1..)?.bytes().take_while(u8::is_ascii_digit).count();
        let hours: i64 = rest.get(1..1 + digits)?.parse().ok()?;
        (sign && hours <= 23).then_some(1 + digits)
    };
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed(rest).unwrap_or(0));
    }
    if text.starts_with(['+', '-']) {
        return signed(text);
    }
    let capitals = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    match capitals {
        5 if text.as_bytes()[4] == b'T' => Some(5),
        4 if text.as_bytes()[3] == b'T' || text.starts_with("WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// `time.ParseDuration`, in nanoseconds.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let invalid =
        || format!("time: invalid duration {}", crate::chart::template::quote(text.as_bytes(), false));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (piece, left) = duration_piece(rest).ok_or_else(invalid)?;
        total = total.checked_add(piece).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
        rest = left;
    }
    if negative {
        return 0_i64.checked_sub_unsigned(total).ok_or_else(invalid);
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// One number with its unit.
fn duration_piece(text: &str) -> Option<(u64, &str)> {
    let whole_end = text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = &text[..whole_end];
    let mut rest = &text[whole_end..];
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        let end = after.bytes().take_while(u8::is_ascii_digit).count();
        (fraction, rest) = after.split_at(end);
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unit_end = rest.find(|rune: char| rune == '.' || rune.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let size: u64 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(size).filter(|total| *total <= 1 << 63)?;
    if !fraction.is_empty() {
        // Go stops reading digits where they no longer fit.
        let digits: String = fraction.chars().take(18).collect();
        let value: u64 = digits.parse().ok()?;
        let scale = 10_f64.powi(digits.len() as i32);
        total = total.checked_add((value as f64 * (size as f64 / scale)) as u64)?;
    }
    Some((total, rest))
}
