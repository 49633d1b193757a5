//! Which printer an order goes to that names none.

use crate::args::Rules;
use crate::exit::Failure;
use crate::find;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::table;
use desk::api::{Done, NewRule, Nothing, RuleTrial, RuleView, SaveRules, TryRules};
use desk::{ApiError, Code};

/// `waybill rules …`
pub async fn run(command: Rules, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let mut rules: Vec<RuleView> = match &command {
        Rules::Try { .. } => Vec::new(),
        _ => talk.call("rules.list", &Nothing {}).await?,
    };
    match command {
        Rules::List => {
            out.answer(&rules, |rules| words(rules));
            return Ok(());
        }
        Rules::Try { courier, template, station } => {
            let ask = TryRules { courier_code: courier, template, station };
            let trial: RuleTrial = talk.call("rules.try", &ask).await?;
            out.answer(&trial, trial_words);
            return Ok(());
        }
        Rules::Add { printer, courier, template, station, stand_in } => {
            let printer = find::printer(talk, &printer).await?;
            let stand_in = if stand_in.is_empty() { stand_in } else { find::printer(talk, &stand_in).await? };
            let (printer_name, stand_in_name) = (String::new(), String::new());
            rules.push(RuleView {
                courier_code: courier,
                template,
                station,
                printer,
                printer_name,
                stand_in,
                stand_in_name,
            });
        }
        Rules::Remove { rule } => {
            rules.remove(place(&rules, rule)?);
        }
        Rules::Move { rule, to } => {
            let (from, to) = (place(&rules, rule)?, place(&rules, to)?);
            let moved = rules.remove(from);
            rules.insert(to, moved);
        }
    }
    let new = rules
        .into_iter()
        .map(|r| NewRule {
            courier_code: r.courier_code,
            template: r.template,
            station: r.station,
            printer: r.printer,
            stand_in: r.stand_in,
        })
        .collect();
    let _: Done = talk.call("rules.save", &SaveRules { rules: new }).await?;
    let rules: Vec<RuleView> = talk.call("rules.list", &Nothing {}).await?;
    out.answer(&rules, |rules| words(rules));
    Ok(())
}

fn place(rules: &[RuleView], n: usize) -> Result<usize, ApiError> {
    n.checked_sub(1).filter(|i| *i < rules.len()).ok_or_else(|| {
        ApiError::new(Code::NotFound, format!("there is no rule {n}; nothing was changed"))
            .hint("`waybill rules list` counts them")
    })
}

fn words(rules: &[RuleView]) -> String {
    let any = |text: &str| if text.is_empty() { "any".to_owned() } else { text.to_owned() };
    table(
        ["rule", "courier", "template", "station", "printer", "stand-in"],
        rules.iter().zip(1..).map(|(r, n)| {
            [
                n.to_string(),
                any(&r.courier_code),
                any(&r.template),
                any(&r.station),
                r.printer_name.clone(),
                r.stand_in_name.clone(),
            ]
        }),
    )
}

fn trial_words(t: &RuleTrial) -> String {
    let mut words = match t.rule {
        0 => format!("{}: the default printer; no rule fits\n", t.printer_name),
        n => format!("{}: rule {n}\n", t.printer_name),
    };
    if !t.instead_of.is_empty() {
        words += &format!("in the place of {}: {}\n", t.instead_of, t.trouble);
    }
    if !t.stays.is_empty() {
        words += &format!("its stand-in is not taken: {}\n", t.stays.replace('_', " "));
    }
    for why in t.why.iter().filter(|w| !w.because.is_empty()) {
        words += &format!("rule {} does not fit: {}\n", why.rule, why.because.replace('_', " "));
    }
    words
}
