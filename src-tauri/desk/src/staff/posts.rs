//! Posts (岗位): sets of rights that an owner gives by name (R79, R80, R108). The built-in ones can be changed and put back;
//! own ones can be added.

use crate::api::{ApiError, ById, Code, Done, Nothing, PostView, PostsPage, RightView, SavePost};
use crate::door::At;
use crate::house::House;
use crate::rights::{Actor, BUILT_IN, OWNER, Permission};
use crate::staff::people::{self, field};
use crate::store::{Person, Post, fold_name};

/// Begins the ids of own posts.
const OWN: &str = "post-";
/// More than a shop has.
const MOST: usize = 50;

/// Built-in posts first, each as it stands now; then own ones. Removed ones are left out.
pub(crate) async fn all(house: &House) -> Result<Vec<Post>, ApiError> {
    let kept = house.store.posts().await?;
    let built_in = BUILT_IN.iter().map(|(id, rights)| {
        let changed = kept.iter().find(|p| p.id == *id).cloned();
        changed.unwrap_or_else(|| Post {
            id: (*id).to_owned(),
            name: String::new(),
            rights: rights.to_vec(),
            removed: false,
        })
    });
    let own = kept.iter().filter(|p| p.id.starts_with(OWN) && !p.removed).cloned();
    Ok(built_in.chain(own).collect())
}

/// What a post gives; a post that is not there gives nothing.
pub(crate) fn given(posts: &[Post], post: &str) -> Vec<Permission> {
    posts.iter().find(|p| p.id == post).map(|p| p.rights.clone()).unwrap_or_default()
}

/// What a person may do: the post's and the own ticks, in the order of the list of rights.
pub(crate) fn rights(posts: &[Post], person: &Person) -> Vec<Permission> {
    if person.post == OWNER {
        return Permission::ALL.to_vec();
    }
    let of_post = given(posts, &person.post);
    Permission::ALL.iter().copied().filter(|p| of_post.contains(p) || person.extra.contains(p)).collect()
}

/// Rights by their words. Errors: a word that is none.
pub(crate) fn read(words: &[String]) -> Result<Vec<Permission>, ApiError> {
    words.iter().map(|w| Permission::from_word(w).ok_or_else(|| field("rights", "unknown_name", w))).collect()
}

/// Nobody gives what he does not have.
pub(crate) fn has_all(actor: &Actor, rights: &[Permission]) -> Result<(), ApiError> {
    match rights.iter().find(|p| !actor.may(**p)) {
        None => Ok(()),
        Some(p) => Err(ApiError::new(
            Code::NotAllowed,
            format!("you cannot give or take the right `{}`, because you do not have it", p.word()),
        )
        .detail(p.word())
        .hint("ask the owner; nothing was done")),
    }
}

/// The list, and every right there is.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<PostsPage, ApiError> {
    let people = at.house.store.people().await?;
    let posts = all(at.house).await?.iter().map(|p| view(p, &people)).collect();
    let rights = Permission::ALL
        .iter()
        .map(|p| RightView {
            word: p.word().into(),
            group: p.group().word().into(),
            weighty: p.is_weighty(),
            elsewhere: p.is_elsewhere(),
        })
        .collect();
    Ok(PostsPage { posts, rights })
}

/// A new post, or a changed one.
pub(crate) async fn save(at: &At<'_>, req: SavePost) -> Result<PostView, ApiError> {
    let house = at.house;
    // Two who change posts at one time do not work on what the other has replaced.
    let _turn = house.turn("people").await;
    let posts = all(house).await?;
    let built_in = BUILT_IN.iter().any(|(id, _)| *id == req.id);
    let name = req.name.trim().to_owned();
    if !built_in {
        people::check_words("name", &name, 20)?;
        if posts.iter().any(|p| p.id != req.id && fold_name(&p.name) == fold_name(&name)) {
            return Err(field("name", "taken", &name));
        }
    }
    let old = posts.iter().find(|p| p.id == req.id);
    let rights = read(&req.rights)?;
    let before = old.map(|p| p.rights.clone()).unwrap_or_default();
    let changed: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|p| rights.contains(p) != before.contains(p)).collect();
    has_all(at.actor()?, &changed)?;
    let id = match (req.id.is_empty(), old) {
        (true, _) if posts.len() >= MOST => return Err(field("name", "too_long", &MOST.to_string())),
        (true, _) => format!("{OWN}{}", house.chance.hex(4)),
        (false, Some(old)) => old.id.clone(),
        (false, None) => return Err(ApiError::not_found("post")),
    };
    let all_people = house.store.people().await?;
    let post = Post { id, name: if built_in { String::new() } else { name }, rights, removed: false };
    for person in all_people.iter().filter(|p| p.post == post.id && p.departed_at.is_none()) {
        // Rights with money behind them are not given to a short password by the back door.
        let after = post.rights.iter().chain(&person.extra).any(|r| r.is_weighty());
        if after && !person.password_strong {
            return Err(field("rights", "short_passwords", &person.name));
        }
    }
    let words: Vec<&str> = post.rights.iter().map(|r| r.word()).collect();
    let log = house.entry(at.actor()?, "post.save", &post.id, words.join(" "));
    house.store.save_post(&post, &log).await?;
    house.people_changed();
    Ok(view(&post, &all_people))
}

/// Takes an own post out of the list; puts a built-in one back to what it was.
pub(crate) async fn remove(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let house = at.house;
    let _turn = house.turn("people").await;
    let posts = all(house).await?;
    let post = posts.iter().find(|p| p.id == req.id).ok_or_else(|| ApiError::not_found("post"))?;
    let first = BUILT_IN.iter().find(|(id, _)| *id == post.id).map(|(_, rights)| rights.to_vec());
    let people = house.store.people().await?;
    let holders: Vec<&str> =
        people.iter().filter(|p| p.post == post.id && p.departed_at.is_none()).map(|p| p.name.as_str()).collect();
    if first.is_none() && !holders.is_empty() {
        return Err(ApiError::new(Code::WrongState, "people have this post; nothing was removed")
            .detail("post_in_use")
            .hint(format!("give another post first to: {}", holders.join(", "))));
    }
    let after = first.clone().unwrap_or_default();
    let changed: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|p| after.contains(p) != post.rights.contains(p)).collect();
    has_all(at.actor()?, &changed)?;
    let new = Post { rights: after, removed: first.is_none(), ..post.clone() };
    let log = house.entry(at.actor()?, "post.remove", &new.id, "");
    house.store.save_post(&new, &log).await?;
    house.people_changed();
    Ok(Done {})
}

fn view(post: &Post, people: &[Person]) -> PostView {
    let first = BUILT_IN.iter().find(|(id, _)| *id == post.id);
    let holders = people.iter().filter(|p| p.post == post.id && p.departed_at.is_none()).count();
    PostView {
        id: post.id.clone(),
        name: post.name.clone(),
        rights: post.rights.iter().map(|p| p.word().to_owned()).collect(),
        built_in: first.is_some(),
        changed: first.is_some_and(|(_, rights)| *rights != post.rights.as_slice()),
        people: u32::try_from(holders).unwrap_or(u32::MAX),
    }
}
