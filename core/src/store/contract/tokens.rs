//! Properties of [`Tokens`]. Each run needs tokens of its own, of which there are none yet.

use super::{Broken, Case, Outcome, equal, hash, holds, suite};
use crate::access::{All, ApiToken, MAX_TOKENS, Reach, Scope, Tokens};
use crate::day::DAY;
use crate::id::{Millis, TokenId};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(tokens: Tokens =>
    at_first_there_is_none,
    a_token_comes_back_whole,
    the_newest_come_first,
    a_token_is_found_by_its_hash_alone,
    an_expired_token_is_refused_and_still_listed,
    the_last_day_of_use_is_remembered,
    a_revoked_token_is_refused_and_no_other,
    issuing_again_is_once,
    there_are_no_more_tokens_than_can_be,
    the_expired_give_way_where_there_is_no_room,
);

/// A token that was made `after` the case's time and holds for a week.
fn token(case: &Case, n: u64, after: Millis) -> ApiToken {
    let created = case.now.saturating_add(after);
    ApiToken {
        // The id takes all but the last four bits.
        id: TokenId::new(&(n << 4).to_be_bytes()),
        name: format!("CI \"{n}\" 結帳"),
        scopes: vec![Scope::Export, Scope::Read],
        sites: Reach::Only(vec![case.site.clone()]),
        created,
        expires: created.saturating_add(7 * DAY),
        used: None,
    }
}

async fn issued(tokens: &impl Tokens, case: &Case, n: u64, token: &ApiToken) -> Outcome {
    let is_kept = tokens.issue(&hash(n), token, case.now).await?;
    holds("there is room for a token", is_kept)
}

async fn is_refused(tokens: &impl Tokens, hash: &str, now: Millis) -> Outcome {
    equal("refused", &tokens.shown(hash, now).await?, &None)
}

async fn listed(tokens: &impl Tokens) -> Result<Vec<TokenId>, Broken> {
    let all = tokens.tokens().await?;
    Ok(all.into_iter().map(|token| token.id).collect())
}

/// And that is no failure.
async fn at_first_there_is_none(tokens: &impl Tokens, case: &Case) -> Outcome {
    is_refused(tokens, &hash(1), case.now).await?;
    let unknown = token(case, 1, 0).id;
    equal("revoked", &tokens.revoke(&unknown).await?, &false)?;
    equal("list", &tokens.tokens().await?, &Vec::new())
}

/// Every field, where it is listed and where it is shown.
async fn a_token_comes_back_whole(tokens: &impl Tokens, case: &Case) -> Outcome {
    let day = case.now - case.now % DAY;
    let everywhere = ApiToken {
        sites: Reach::All(All::All),
        scopes: Scope::ALL.to_vec(),
        ..token(case, 2, 0)
    };
    for (n, token) in [(1, token(case, 1, 1)), (2, everywhere)] {
        issued(tokens, case, n, &token).await?;
        let kept = tokens.tokens().await?;
        let found = kept.into_iter().find(|kept| kept.id == token.id);
        equal("listed", &found, &Some(token.clone()))?;
        let used = ApiToken {
            used: Some(day),
            ..token
        };
        let found = tokens.shown(&hash(n), case.now).await?;
        equal("shown", &found, &Some(used))?;
    }
    Ok(())
}

/// Of one moment by their ids, so that a list stands still.
async fn the_newest_come_first(tokens: &impl Tokens, case: &Case) -> Outcome {
    for (n, after) in [(1, 5), (4, 0), (2, 9), (3, 5)] {
        issued(tokens, case, n, &token(case, n, after)).await?;
    }
    let expected = [(2, 9), (3, 5), (1, 5), (4, 0)].map(|(n, after)| token(case, n, after).id);
    equal("ids", &listed(tokens).await?, &expected.to_vec())
}

/// Not by a part of it, not by its id, not by another's.
async fn a_token_is_found_by_its_hash_alone(tokens: &impl Tokens, case: &Case) -> Outcome {
    let (one, other) = (token(case, 0xAB, 0), token(case, 0xCD, 0));
    issued(tokens, case, 0xAB, &one).await?;
    issued(tokens, case, 0xCD, &other).await?;
    let whole = hash(0xAB);
    for wrong in [
        "",
        "%",
        whole.get(..63).unwrap_or_default(),
        whole.to_uppercase().as_str(),
        one.id.as_str(),
        hash(0xABC).as_str(),
    ] {
        is_refused(tokens, wrong, case.now).await?;
    }
    for (n, token) in [(0xAB, one), (0xCD, other)] {
        let found = tokens.shown(&hash(n), case.now).await?;
        equal("found", &found.map(|found| found.id), &Some(token.id))?;
    }
    Ok(())
}

/// The last millisecond counts, the next does not. Who looks through the list sees what there
/// was.
async fn an_expired_token_is_refused_and_still_listed(
    tokens: &impl Tokens,
    case: &Case,
) -> Outcome {
    let token = token(case, 1, 0);
    issued(tokens, case, 1, &token).await?;
    let last = tokens
        .shown(&hash(1), token.expires.saturating_sub(1))
        .await?;
    holds("taken until the end", last.is_some())?;
    is_refused(tokens, &hash(1), token.expires).await?;
    is_refused(tokens, &hash(1), token.expires.saturating_add(DAY)).await?;
    equal("list", &listed(tokens).await?, &vec![token.id])
}

/// The day and no more; a clock that is behind does not take it back.
async fn the_last_day_of_use_is_remembered(tokens: &impl Tokens, case: &Case) -> Outcome {
    let today = case.now - case.now % DAY;
    issued(tokens, case, 1, &token(case, 1, 0)).await?;
    issued(tokens, case, 2, &token(case, 2, 0)).await?;
    for (now, used) in [
        (today + 1, today),
        (today + DAY - 1, today),
        (today + DAY, today + DAY),
        (today + 3 * DAY + 5, today + 3 * DAY),
        (today + DAY, today + 3 * DAY),
    ] {
        let shown = tokens.shown(&hash(1), now).await?;
        let shown = shown.map(|token| token.used);
        equal("shown", &shown, &Some(Some(used)))?;
        let kept = tokens.tokens().await?.into_iter();
        let kept: Vec<Option<Millis>> = kept.map(|token| token.used).collect();
        equal("listed", &kept, &vec![None, Some(used)])?;
    }
    Ok(())
}

/// From now on, and for good. Again, there is none of this id.
async fn a_revoked_token_is_refused_and_no_other(tokens: &impl Tokens, case: &Case) -> Outcome {
    let (one, other) = (token(case, 1, 0), token(case, 2, 0));
    issued(tokens, case, 1, &one).await?;
    issued(tokens, case, 2, &other).await?;
    for expected in [true, false, false] {
        equal("revoked", &tokens.revoke(&one.id).await?, &expected)?;
        is_refused(tokens, &hash(1), case.now).await?;
        equal("list", &listed(tokens).await?, &vec![other.id.clone()])?;
    }
    let kept = tokens.shown(&hash(2), case.now).await?;
    holds("the other is taken", kept.is_some())
}

/// Who lost an answer asks again. What is known of its use by then stays.
async fn issuing_again_is_once(tokens: &impl Tokens, case: &Case) -> Outcome {
    let token = token(case, 1, 0);
    for _ in 0..2 {
        issued(tokens, case, 1, &token).await?;
        equal("list", &listed(tokens).await?, &vec![token.id.clone()])?;
    }
    let shown = tokens.shown(&hash(1), case.now).await?;
    issued(tokens, case, 1, &token).await?;
    let kept = tokens.tokens().await?.pop();
    equal("kept", &kept, &shown)
}

/// The last one that can be is taken, the next is not and changes nothing; who asks again for
/// one that is kept has it.
async fn there_are_no_more_tokens_than_can_be(tokens: &impl Tokens, case: &Case) -> Outcome {
    for n in 0..MAX_TOKENS {
        issued(tokens, case, n, &token(case, n, 0)).await?;
    }
    let before = tokens.tokens().await?;
    equal("how many", &(before.len() as u64), &MAX_TOKENS)?;
    let (n, more) = (MAX_TOKENS, token(case, MAX_TOKENS, 0));
    let is_kept = tokens.issue(&hash(n), &more, case.now).await?;
    equal("one too many is kept", &is_kept, &false)?;
    is_refused(tokens, &hash(n), case.now).await?;
    holds("nothing changed", tokens.tokens().await? == before)?;
    issued(tokens, case, n - 1, &token(case, n - 1, 0)).await?;
    holds("nothing changed again", tokens.tokens().await? == before)?;
    tokens.revoke(&token(case, 0, 0).id).await?;
    issued(tokens, case, n, &more).await
}

/// All of them, and not one that still holds. As long as there is room they stay.
async fn the_expired_give_way_where_there_is_no_room(tokens: &impl Tokens, case: &Case) -> Outcome {
    let end = case.now.saturating_add(7 * DAY);
    for n in 0..MAX_TOKENS - 1 {
        // The first two expire at `end`, the others a millisecond later.
        let token = token(case, n, u64::from(n > 1));
        issued(tokens, case, n, &token).await?;
    }
    for (n, expected) in [(MAX_TOKENS, MAX_TOKENS), (MAX_TOKENS + 1, MAX_TOKENS - 1)] {
        let more = token(case, n, 7 * DAY);
        let is_kept = tokens.issue(&hash(n), &more, end).await?;
        equal("kept", &is_kept, &true)?;
        let count = listed(tokens).await?.len() as u64;
        equal("how many", &count, &expected)?;
    }
    let left = listed(tokens).await?;
    for n in 0..MAX_TOKENS - 1 {
        let is_left = left.contains(&token(case, n, 0).id);
        equal(format!("token {n}"), &is_left, &(n > 1))?;
    }
    Ok(())
}
