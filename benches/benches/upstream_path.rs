//! The upstream's request path: one request on one kept-alive connection, against a bare hyper server's.

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use upstorm_benches::bare_server;
use upstorm_benches::caller::Caller;
use upstorm_benches::serving::Serving;

const BODY: usize = 1024;

fn path(c: &mut Criterion) {
    let mut group = c.benchmark_group("one request");
    let (Ok((_runtime, bare)), Ok(serving)) =
        (bare_server::serve(Bytes::from(vec![b'x'; BODY])), Serving::start(BODY))
    else {
        return;
    };
    for (name, url) in [("upstream", serving.url()), ("bare hyper", format!("http://{bare}/"))] {
        let Ok(mut caller) = Caller::connect(&url, BODY) else { continue };
        group.bench_function(name, |b| b.iter(|| caller.call().map_or(0, <[u8]>::len)));
    }
    group.finish();
    let _ = serving.stop();
}

criterion_group!(benches, path);
criterion_main!(benches);
