//! Hedges, caches and fallbacks as a scenario writes them: what is taken, what is refused, what only tunes.

mod loading;

use loading::{BASE, load_text};
use upstorm_model::policy::{
    CacheKind, FallbackKind, FallbackOn, HedgeBudget, HedgeKind, PolicySettings, ServeStale,
};

fn gateway(tables: &str) -> Result<PolicySettings, Vec<&'static str>> {
    let text = format!("{BASE}\n[gateway.other]\ntarget = \"payments\"\n{tables}\n");
    let loaded =
        load_text(&text, &[]).map_err(|found| found.iter().map(|d| d.code.id).collect::<Vec<_>>())?;
    Ok(loaded.scenario.gateway["other"].settings.clone())
}

#[test]
fn all_that_is_written_is_taken() {
    let settings = gateway(
        "hedge = { kind = \"percentile\", after = \"70ms\", percentile = 0.99, window = \"20s\", min_samples = 50, \
         max = 2, methods = \"all\", cancel = false, budget = \"none\" }\n\
         cache = { kind = \"memory\", fresh = \"2s\", stale_if_error = \"0s\", max_entries = 7, max_body = \"1KiB\", \
         coalesce = true, serve_stale = \"always\" }\n\
         fallback = { kind = \"answer\", on = [\"5xx\", \"rejected\"], status = 203, body = \"[]\", \
         headers = { Content-Type = \"application/json\" } }",
    )
    .unwrap();
    let hedge = &settings.hedge;
    assert_eq!(
        (hedge.kind, hedge.budget, hedge.max, hedge.cancel),
        (HedgeKind::Percentile, HedgeBudget::None, 2, false)
    );
    assert!((hedge.percentile.get() - 0.99).abs() < 1e-12);
    let cache = &settings.cache;
    assert_eq!(
        (cache.kind, cache.serve_stale, cache.max_entries),
        (CacheKind::Memory, ServeStale::Always, 7)
    );
    assert!(cache.coalesce && cache.stale_if_error.is_zero() && cache.max_body.get() == 1024);
    let fallback = &settings.fallback;
    assert_eq!((fallback.kind, fallback.status, fallback.body.as_str()), (FallbackKind::Answer, 203, "[]"));
    assert_eq!(fallback.on, [FallbackOn::ServerError, FallbackOn::Rejected]);
    assert_eq!(fallback.headers["content-type"], "application/json");
}

#[test]
fn a_table_without_a_kind_leaves_it_off() {
    let settings =
        gateway("hedge = { after = \"9ms\" }\ncache = { fresh = \"1s\" }\nfallback = { status = 204 }")
            .unwrap();
    assert_eq!(
        (settings.hedge.kind, settings.cache.kind, settings.fallback.kind),
        (HedgeKind::Off, CacheKind::Off, FallbackKind::Off)
    );
    assert_eq!(settings.fallback.status, 204);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (table, code) in [
        ("hedge = { kind = \"dela\" }", "S017"),
        ("hedge = { after = \"0s\" }", "S020"),
        ("hedge = { percentile = 0.3 }", "S020"),
        ("hedge = { percentile = \"100%\" }", "S020"),
        ("hedge = { max = 0 }", "S020"),
        ("hedge = { delay = \"9ms\" }", "S011"),
        ("cache = { fresh = 10 }", "S014"),
        ("cache = { max_entries = 0 }", "S020"),
        ("cache = { serve_stale = \"never\" }", "S017"),
        ("fallback = { status = 99 }", "S020"),
        ("fallback = { on = [\"500\"] }", "S017"),
        ("fallback = { headers = { \"a b\" = \"c\" } }", "S025"),
    ] {
        let found = gateway(table).unwrap_err();
        assert_eq!(found.len(), 1, "{table}: {found:?}");
        assert_eq!(found[0], code, "{table}");
    }
}
