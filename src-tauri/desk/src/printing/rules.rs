//! Which printer a label goes to when nobody named one: the first rule that fits, else the default printer; and who may
//! stand in for a printer that certainly cannot print.
//!
//! Invariants: a printer that cannot tell how it is, is never passed over; nobody stands in without the owner's word, on
//! other paper, or for a label that was sent already (a choice is made before anything is written down, never after).
//! Absent: weights, load sharing, rules on goods or regions (those choose couriers, not printers).

use crate::api::{ApiError, Done, Nothing, RuleTrial, RuleView, RuleWhy, SaveRules, TryRules};
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::printing::{doctor, printers};
use crate::store::{Printer, PrinterRule};
use crate::template;
use domain::ids::PrinterId;
use domain::printer::{DeviceState, StopReason};

/// More than any warehouse has printers and couriers for.
const MOST: usize = 200;
/// Sizes that differ by less are one paper.
const SAME_MM: f64 = 0.5;

/// What rules look at. Empty = not known, which fits only rules that do not ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked<'a> {
    pub courier_code: &'a str,
    pub template: &'a str,
    pub station: &'a str,
}

/// The printer that was chosen.
pub(crate) struct Choice {
    pub printer: Printer,
    /// Whose place it takes, and why, in words: `unreachable`, `paper_out head_open` …
    pub instead_of: Option<(Printer, String)>,
    /// What each rule up to the one that fits was found to be.
    why: Vec<RuleWhy>,
    /// The rule that fits, from 1.
    rule: Option<usize>,
    /// Why the rule's stand-in was not taken, where it has one.
    stays: &'static str,
}

/// Why a rule does not fit; `None` = it does.
async fn misfit(
    house: &House,
    rule: &PrinterRule,
    printer: Option<&Printer>,
    asked: &Asked<'_>,
) -> Option<&'static str> {
    let other = |wanted: &str, is: &str| !wanted.is_empty() && wanted != is;
    // Whatever version of an own template was asked for.
    let template = asked.template.split('@').next().unwrap_or_default();
    match printer {
        _ if other(&rule.courier_code, asked.courier_code) => Some("courier"),
        _ if other(&rule.template, template) => Some("template"),
        _ if other(&rule.station, asked.station) => Some("station"),
        None => Some("printer_gone"),
        Some(p) if plan::template(house, asked.template, p).await.is_err() => Some("paper"),
        Some(_) => None,
    }
}

/// The printer of the first rule that fits, whatever state it is in. Errors: as [`choose`].
pub(crate) async fn first_choice(house: &House, asked: &Asked<'_>) -> Result<Printer, ApiError> {
    let all = house.store.printers().await?;
    for rule in house.store.printer_rules().await? {
        let printer = all.iter().find(|p| p.id == rule.printer);
        if let (Some(printer), None) = (printer, misfit(house, &rule, printer, asked).await) {
            return Ok(printer.clone());
        }
    }
    plan::printer(house, "").await
}

/// Works it out. Errors: no rule fits and there is no default printer.
pub(crate) async fn choose(house: &House, asked: &Asked<'_>) -> Result<Choice, ApiError> {
    let all = house.store.printers().await?;
    let mut why = Vec::new();
    for (rule, n) in house.store.printer_rules().await?.iter().zip(1..) {
        let printer = all.iter().find(|p| p.id == rule.printer);
        let because = misfit(house, rule, printer, asked).await;
        why.push(RuleWhy { rule: n, because: because.unwrap_or_default().to_owned() });
        let (Some(printer), None) = (printer, because) else { continue };
        let stand_in = rule.stand_in.as_ref().map(|id| all.iter().find(|p| p.id == *id));
        let (instead_of, stays) = match stand_in {
            None => (None, ""),
            Some(None) => (None, "stand_in_gone"),
            Some(Some(other)) => stands_in(printer, other).await?,
        };
        let rule = usize::try_from(n).ok();
        return Ok(match (instead_of, stand_in.flatten()) {
            (Some(trouble), Some(other)) => {
                Choice { printer: other.clone(), instead_of: Some((printer.clone(), trouble)), why, rule, stays }
            }
            _ => Choice { printer: printer.clone(), instead_of: None, why, rule, stays },
        });
    }
    let printer = plan::printer(house, "").await?;
    Ok(Choice { printer, instead_of: None, why, rule: None, stays: "" })
}

/// Whether `other` takes the place of `printer` now: its trouble, or else why not.
async fn stands_in(printer: &Printer, other: &Printer) -> Result<(Option<String>, &'static str), ApiError> {
    let same = |a: f64, b: f64| (a - b).abs() <= SAME_MM;
    if !same(printer.width_mm, other.width_mm) || !same(printer.height_mm, other.height_mm) {
        return Ok((None, "other_paper"));
    }
    // What is set up is not what lies in it.
    if doctor::paper_fits(other).is_err() {
        return Ok((None, "other_paper"));
    }
    if printers::component_of(printer).is_some() || printers::component_of(other).is_some() {
        return Ok((None, "component"));
    }
    let Some(trouble) = certain_trouble(printer).await? else { return Ok((None, "not_needed")) };
    if certain_trouble(other).await?.is_some() {
        return Ok((None, "no_better"));
    }
    Ok((Some(trouble), ""))
}

/// Why a printer certainly cannot print now. Printing, ready, and "cannot tell" are no trouble.
async fn certain_trouble(p: &Printer) -> Result<Option<String>, ApiError> {
    Ok(match printers::link(p)?.state().await {
        DeviceState::Ready | DeviceState::Printing | DeviceState::CannotTell => None,
        // An error without a name may be one that prints all the same.
        DeviceState::Stopped(why) => {
            let named = why.into_iter().filter(|w| *w != StopReason::Other).map(printers::stop_word);
            Some(named.collect::<Vec<_>>().join(" ")).filter(|w| !w.is_empty())
        }
        DeviceState::Unreachable(_) => Some("unreachable".to_owned()),
    })
}

/// All, in their order.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<RuleView>, ApiError> {
    let name =
        |all: &[Printer], id: &PrinterId| all.iter().find(|p| p.id == *id).map(|p| p.name.clone()).unwrap_or_default();
    let all = at.house.store.printers().await?;
    let rules = at.house.store.printer_rules().await?;
    Ok(rules
        .into_iter()
        .map(|r| RuleView {
            courier_code: r.courier_code,
            template: r.template,
            station: r.station,
            printer_name: name(&all, &r.printer),
            printer: r.printer.to_string(),
            stand_in_name: r.stand_in.as_ref().map(|id| name(&all, id)).unwrap_or_default(),
            stand_in: r.stand_in.map(|id| id.to_string()).unwrap_or_default(),
        })
        .collect())
}

/// The whole list anew. What is wrong with one keeps all as they were.
pub(crate) async fn save(at: &At<'_>, req: SaveRules) -> Result<Done, ApiError> {
    let house = at.house;
    let all = house.store.printers().await?;
    let known = |id: &str| all.iter().any(|p| p.id.as_str() == id);
    let templates = template::choices(house).await?;
    let mut wrong = Vec::new();
    if req.rules.len() > MOST {
        wrong.push(content::error("rules", "too_long", MOST.to_string()));
    }
    for (i, r) in req.rules.iter().enumerate() {
        let mut check = |field: &str, right: bool, code: &str, detail: &str| {
            if !right {
                wrong.push(content::error(&format!("rules[{i}].{field}"), code, detail));
            }
        };
        check("printer", known(&r.printer), "required", "");
        check("stand_in", r.stand_in.is_empty() || known(&r.stand_in), "required", "");
        check("stand_in", r.stand_in.is_empty() || r.stand_in != r.printer, "out_of_range", "");
        let template = r.template.is_empty() || templates.iter().any(|t| t.id == r.template);
        check("template", template, "bad_template", &r.template);
        check("courier_code", r.courier_code.chars().count() <= 40, "too_long", "40");
        check("station", r.station.chars().count() <= 60, "too_long", "60");
    }
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    let rules: Vec<PrinterRule> = req
        .rules
        .into_iter()
        .map(|r| PrinterRule {
            courier_code: r.courier_code.trim().to_owned(),
            template: r.template,
            station: r.station.trim().to_owned(),
            printer: PrinterId::from_stored(r.printer),
            stand_in: Some(r.stand_in).filter(|s| !s.is_empty()).map(PrinterId::from_stored),
        })
        .collect();
    let log = house.entry(at.actor()?, "rules.save", "", format!("rules={}", rules.len()));
    house.store.save_printer_rules(&rules, &log).await?;
    house.tell("printers", "");
    Ok(Done {})
}

/// Which printer it would be, and why; nothing is printed.
pub(crate) async fn dry_run(at: &At<'_>, req: TryRules) -> Result<RuleTrial, ApiError> {
    let station = if req.station.is_empty() { at.actor()?.station.clone() } else { req.station };
    let asked = Asked { courier_code: &req.courier_code, template: &req.template, station: &station };
    let choice = choose(at.house, &asked).await?;
    let (instead_of, trouble) = match &choice.instead_of {
        Some((printer, trouble)) => (printer.name.clone(), trouble.clone()),
        None => (String::new(), String::new()),
    };
    Ok(RuleTrial {
        printer: choice.printer.id.to_string(),
        printer_name: choice.printer.name,
        rule: choice.rule.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        why: choice.why,
        instead_of,
        trouble,
        stays: choice.stays.to_owned(),
        station,
    })
}
