//! Whether what a scan found lets an image through.

use jiff::civil::Date;

/// How bad a finding is, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Not said, or nothing of importance.
    Minor,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// A known vulnerability in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// The packages it is in.
    pub packages: Vec<String>,
}

/// What came of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// It found this.
    Found(Vec<Finding>),
    /// There was none, and why: never the same as nothing found.
    Unscannable(String),
}

/// What is let through.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The mildest severity that stops.
    pub severity: Severity,
    /// Whether an image that cannot be scanned is stopped.
    pub stops_unscannable: bool,
    /// Findings that do not stop.
    pub allowed: Vec<Allowed>,
    /// The day it is.
    pub today: Date,
}

/// A finding that does not stop.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// Its name.
    pub id: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is let through.
    pub expires: Date,
}

/// What the gate says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Why the image is stopped; nothing when it is let through.
    pub stops: Vec<String>,
    /// What has to be known although it does not stop.
    pub warnings: Vec<String>,
}

impl Gate {
    /// Judges an image by its scan.
    pub fn judge(&self, scanned: &Scanned) -> Judgement {
        let mut judgement = Judgement::default();
        match scanned {
            Scanned::Unscannable(why) => {
                let told = format!("it could not be scanned: {why}");
                if self.stops_unscannable { &mut judgement.stops } else { &mut judgement.warnings }
                    .push(told);
            }
            Scanned::Found(findings) => {
                for finding in findings.iter().filter(|finding| finding.severity >= self.severity) {
                    self.judge_finding(finding, &mut judgement);
                }
            }
        }
        judgement
    }

    fn judge_finding(&self, finding: &Finding, judgement: &mut Judgement) {
        let packages = finding.packages.join(", ");
        let what = format!("{} ({:?}) {packages}", finding.id, finding.severity);
        let what = what.trim_end();
        match self.allowed.iter().find(|allowed| allowed.id == finding.id) {
            None => judgement.stops.push(what.to_owned()),
            Some(allowed) if allowed.expires < self.today => {
                judgement.stops.push(format!("{what}: it was let through until {}", allowed.expires));
            }
            Some(allowed) => {
                let (reason, expires) = (&allowed.reason, allowed.expires);
                judgement.warnings.push(format!("{what}: let through until {expires} ({reason})"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, severity: Severity) -> Finding {
        Finding { id: id.to_owned(), severity, packages: vec!["tokio 1.0.0".to_owned()] }
    }

    fn gate(stops_unscannable: bool) -> Gate {
        let allowed = |id: &str, expires: &str| Allowed {
            id: id.to_owned(),
            reason: "not reachable".to_owned(),
            expires: expires.parse().unwrap(),
        };
        let allowed = vec![allowed("CVE-1", "2030-01-31"), allowed("CVE-2", "2030-01-30")];
        let today = "2030-01-31".parse().unwrap();
        Gate { severity: Severity::High, stops_unscannable, allowed, today }
    }

    #[test]
    fn what_is_bad_enough_stops_unless_it_is_let_through_today() {
        let findings = vec![
            finding("CVE-0", Severity::Medium),
            finding("CVE-1", Severity::Critical),
            finding("CVE-2", Severity::Critical),
            finding("CVE-3", Severity::High),
        ];
        let judgement = gate(true).judge(&Scanned::Found(findings));
        assert_eq!(judgement.stops.len(), 2);
        assert!(judgement.stops[0].contains("CVE-2") && judgement.stops[0].contains("until 2030-01-30"));
        assert_eq!(judgement.stops[1], "CVE-3 (High) tokio 1.0.0");
        assert_eq!(judgement.warnings.len(), 1);
        assert!(judgement.warnings[0].contains("CVE-1") && judgement.warnings[0].contains("not reachable"));
    }

    #[test]
    fn not_scanned_is_not_nothing_found() {
        assert_eq!(gate(true).judge(&Scanned::Found(Vec::new())), Judgement::default());
        let scanned = Scanned::Unscannable("UNSUPPORTED_IMAGE".to_owned());
        assert_eq!(gate(true).judge(&scanned).stops.len(), 1);
        let judgement = gate(false).judge(&scanned);
        assert!(judgement.stops.is_empty() && judgement.warnings[0].contains("UNSUPPORTED_IMAGE"));
    }
}
