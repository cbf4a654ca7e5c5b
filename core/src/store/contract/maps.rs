//! Properties of [`Maps`]. Each run needs sites without a map.

use super::{Broken, Case, Outcome, bytes, equal, suite};
use crate::id::SiteKey;
use crate::source_map::{MAX_FILE, MAX_RELEASE, Maps, Place, remove_all};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

suite!(maps: Maps =>
    at_first_there_is_no_map,
    a_map_comes_back_byte_for_byte,
    the_later_map_counts,
    maps_are_listed_in_order,
    names_of_any_letters_are_kept_apart,
    the_longest_names_are_kept,
    a_removed_map_is_gone_and_no_other,
    a_removed_release_is_gone_and_no_other,
    to_remove_what_is_not_there_does_no_harm,
    a_site_goes_with_all_its_maps,
    sites_do_not_see_each_others_maps,
);

fn place(release: &str, file: &str) -> Place {
    Place {
        release: release.to_owned(),
        file: file.to_owned(),
    }
}

/// Keeps maps that hold their own names.
async fn kept(maps: &impl Maps, site: &SiteKey, places: &[(&str, &str)]) -> Outcome {
    for (release, file) in places {
        let text = format!("{release} {file}").into_bytes();
        maps.put(site, &place(release, file), text).await?;
    }
    Ok(())
}

async fn is_kept(maps: &impl Maps, site: &SiteKey, (release, file): (&str, &str)) -> Outcome {
    let found = maps.map(site, &place(release, file)).await?;
    let expected = format!("{release} {file}").into_bytes();
    equal(format!("{file} of {release}"), &found, &Some(expected))
}

async fn is_gone(maps: &impl Maps, site: &SiteKey, (release, file): (&str, &str)) -> Outcome {
    let found = maps.map(site, &place(release, file)).await?;
    equal(format!("{file} of {release}"), &found, &None)
}

async fn files(maps: &impl Maps, site: &SiteKey, release: &str) -> Result<Vec<String>, Broken> {
    let listed = maps.maps(site, release).await?;
    Ok(listed.into_iter().map(|map| map.file).collect())
}

/// And that is no failure.
async fn at_first_there_is_no_map(maps: &impl Maps, case: &Case) -> Outcome {
    equal("releases", &maps.releases(&case.site).await?, &Vec::new())?;
    equal("maps", &maps.maps(&case.site, "1").await?, &Vec::new())?;
    is_gone(maps, &case.site, ("1", "/a.js")).await
}

/// Also one that is no text.
async fn a_map_comes_back_byte_for_byte(maps: &impl Maps, case: &Case) -> Outcome {
    let (there, kept) = (place("1", "/a.js"), bytes(70_000));
    maps.put(&case.site, &there, kept.clone()).await?;
    let found = maps.map(&case.site, &there).await?;
    equal("map", &found, &Some(kept))?;
    let listed = maps.maps(&case.site, "1").await?;
    let sizes: Vec<u64> = listed.into_iter().map(|map| map.bytes).collect();
    equal("sizes", &sizes, &[70_000].to_vec())
}

/// A build that is made again has the same release, and its maps fit its files.
async fn the_later_map_counts(maps: &impl Maps, case: &Case) -> Outcome {
    let there = place("1", "/a.js");
    for kept in [b"first".to_vec(), b"second one".to_vec()] {
        maps.put(&case.site, &there, kept).await?;
    }
    let found = maps.map(&case.site, &there).await?;
    equal("map", &found, &Some(b"second one".to_vec()))?;
    let listed = files(maps, &case.site, "1").await?;
    equal("files", &listed, &["/a.js".to_owned()].to_vec())
}

/// Whatever the order in which they came.
async fn maps_are_listed_in_order(maps: &impl Maps, case: &Case) -> Outcome {
    let places = [("2", "/b.js"), ("10", "/a.js"), ("2", "/a.js")];
    kept(maps, &case.site, &places).await?;
    let releases = maps.releases(&case.site).await?;
    equal(
        "releases",
        &releases,
        &["10", "2"].map(str::to_owned).to_vec(),
    )?;
    let listed = files(maps, &case.site, "2").await?;
    let expected = ["/a.js", "/b.js"].map(str::to_owned).to_vec();
    equal("files", &listed, &expected)
}

/// Slashes, marks of escaping and letters of any script are part of a name.
async fn names_of_any_letters_are_kept_apart(maps: &impl Maps, case: &Case) -> Outcome {
    let places = [
        ("1", "/2/a.js"),
        ("1/2", "/a.js"),
        ("1%2F2", "/a.js"),
        ("版本 1", "/größe/結帳.js"),
        ("..", "/../a.js"),
    ];
    kept(maps, &case.site, &places).await?;
    for (release, file) in places {
        is_kept(maps, &case.site, (release, file)).await?;
        let listed = files(maps, &case.site, release).await?;
        equal(release, &listed, &[file.to_owned()].to_vec())?;
    }
    let mut releases: Vec<&str> = places.iter().map(|(release, _)| *release).collect();
    releases.sort_unstable();
    let mut found = maps.releases(&case.site).await?;
    found.sort_unstable();
    let expected: Vec<String> = releases.into_iter().map(str::to_owned).collect();
    equal("releases", &found, &expected)
}

/// Also where each byte of them takes three.
async fn the_longest_names_are_kept(maps: &impl Maps, case: &Case) -> Outcome {
    let release = "/".repeat(MAX_RELEASE);
    let file = "/".repeat(MAX_FILE);
    kept(maps, &case.site, &[(&release, &file)]).await?;
    is_kept(maps, &case.site, (&release, &file)).await?;
    let found = maps.releases(&case.site).await?;
    equal("releases", &found, &[release].to_vec())
}

/// Also where one name begins as another does.
async fn a_removed_map_is_gone_and_no_other(maps: &impl Maps, case: &Case) -> Outcome {
    let site = &case.site;
    let places = [("1", "/a.js"), ("1", "/a.js.js"), ("2", "/a.js")];
    kept(maps, site, &places).await?;
    maps.remove(site, "1", Some("/a.js")).await?;
    is_gone(maps, site, ("1", "/a.js")).await?;
    is_kept(maps, site, ("1", "/a.js.js")).await?;
    is_kept(maps, site, ("2", "/a.js")).await
}

/// Also where one name begins as another does.
async fn a_removed_release_is_gone_and_no_other(maps: &impl Maps, case: &Case) -> Outcome {
    let site = &case.site;
    let places = [("1", "/a.js"), ("1", "/b.js"), ("1.0", "/a.js")];
    kept(maps, site, &places).await?;
    maps.remove(site, "1", None).await?;
    is_gone(maps, site, ("1", "/a.js")).await?;
    is_gone(maps, site, ("1", "/b.js")).await?;
    is_kept(maps, site, ("1.0", "/a.js")).await?;
    let releases = maps.releases(site).await?;
    equal("releases", &releases, &["1.0".to_owned()].to_vec())
}

/// What was removed may be asked for again, after an answer that was lost.
async fn to_remove_what_is_not_there_does_no_harm(maps: &impl Maps, case: &Case) -> Outcome {
    let site = &case.site;
    kept(maps, site, &[("1", "/a.js")]).await?;
    maps.remove(site, "1", Some("/b.js")).await?;
    maps.remove(site, "2", Some("/a.js")).await?;
    maps.remove(site, "2", None).await?;
    is_kept(maps, site, ("1", "/a.js")).await
}

/// Of all releases, and of no other site.
async fn a_site_goes_with_all_its_maps(maps: &impl Maps, case: &Case) -> Outcome {
    let (site, neighbour) = (&case.site, &case.neighbour()?);
    kept(maps, site, &[("1", "/a.js"), ("2", "/a.js")]).await?;
    kept(maps, neighbour, &[("1", "/a.js")]).await?;
    remove_all(maps, site).await?;
    equal("releases", &maps.releases(site).await?, &Vec::new())?;
    is_kept(maps, neighbour, ("1", "/a.js")).await
}

/// Two sites with the same release, of which one's key begins with the other's.
async fn sites_do_not_see_each_others_maps(maps: &impl Maps, case: &Case) -> Outcome {
    let (site, neighbour) = (&case.site, &case.neighbour()?);
    kept(maps, neighbour, &[("1", "/a.js")]).await?;
    is_gone(maps, site, ("1", "/a.js")).await?;
    equal("releases", &maps.releases(site).await?, &Vec::new())?;
    equal("maps", &maps.maps(site, "1").await?, &Vec::new())
}
