//! The owner adds people with fixed posts. Names cannot be changed later (R81) and do not repeat (R82).

use crate::api::{AddPerson, ApiError, Code, FieldError, Nothing, PersonView};
use crate::door::At;
use crate::rights::Role;
use crate::staff::password;
use crate::store::{Person, StoreError, fold_name};
use domain::ids::PersonId;
use domain::secret::Secret;

/// Everybody.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<PersonView>, ApiError> {
    Ok(at.house.store.people().await?.iter().map(view).collect())
}

/// A clerk or a staff member.
pub(crate) async fn add(at: &At<'_>, req: AddPerson) -> Result<PersonView, ApiError> {
    let role = match Role::from_word(&req.role) {
        Some(r @ (Role::Clerk | Role::Staff)) => r,
        Some(Role::Owner) | None => {
            return Err(field("role", "out_of_range", &req.role));
        }
    };
    let person = new_person(at, &req.name, role, Secret::new(req.password)).await?;
    let log = at.house.entry(at.actor()?, "people.add", person.id.as_str(), role.word());
    add_or_taken(at, &person, &log).await?;
    Ok(view(&person))
}

/// Checks name and password, hashes the password.
pub(crate) async fn new_person(at: &At<'_>, name: &str, role: Role, pass: Secret) -> Result<Person, ApiError> {
    let name = name.trim().to_owned();
    check_name(&name)?;
    let strength = if role == Role::Owner { password::Strength::Owner } else { password::Strength::Everyday };
    if let Err(e) = password::check(&pass, strength, &[&name]) {
        let (code, detail) = match e {
            password::WeakPassword::TooShort { least, .. } => ("too_short", least.to_string()),
            password::WeakPassword::TooLong { most } => ("too_long", most.to_string()),
            password::WeakPassword::VeryCommon | password::WeakPassword::Pattern => ("too_common", String::new()),
            password::WeakPassword::HasName => ("has_name", String::new()),
        };
        return Err(field("password", code, &detail));
    }
    let chance = at.house.chance.clone();
    let phc = tokio::task::spawn_blocking(move || password::hash(&pass, &*chance)).await.map_err(ApiError::internal)?;
    Ok(Person {
        id: PersonId::fresh(&*at.house.chance),
        name,
        role,
        password_phc: phc,
        created_at: at.house.now(),
        last_login_at: None,
    })
}

/// Writes the person; a taken name is the person's turn, not a bug.
pub(crate) async fn add_or_taken(at: &At<'_>, person: &Person, log: &crate::store::LogEntry) -> Result<(), ApiError> {
    match at.house.store.add_person(person, log).await {
        Err(StoreError::Taken { .. }) => Err(ApiError::new(Code::NameTaken, "this name is taken; nobody was added")
            .hint("choose another name")
            .fields(vec![FieldError {
                field: "name".into(),
                code: "taken".into(),
                detail: person.name.clone(),
                fault: None,
            }])),
        other => Ok(other?),
    }
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(field("name", "required", ""));
    }
    if name.chars().count() > 40 {
        return Err(field("name", "too_long", "40"));
    }
    // Control and invisible direction marks would make two people look alike in the log.
    if let Some(c) =
        name.chars().find(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'))
    {
        return Err(field("name", "missing_glyph", &format!("U+{:04X}", c as u32)));
    }
    if fold_name(name) == "desk" {
        return Err(field("name", "taken", name));
    }
    Ok(())
}

fn field(field: &str, code: &str, detail: &str) -> ApiError {
    ApiError::new(Code::InvalidInput, format!("{field}: {code}"))
        .hint("mend the field; nothing was done")
        .fields(vec![FieldError { field: field.into(), code: code.into(), detail: detail.into(), fault: None }])
}

fn view(p: &Person) -> PersonView {
    PersonView {
        id: p.id.to_string(),
        name: p.name.clone(),
        role: p.role.word().into(),
        created_at: p.created_at.0,
        last_login_at: p.last_login_at.map(|t| t.0),
    }
}
