//! Search.
use taskward::config::Limits;
use taskward::guard::Guard;
use taskward::guard::*;
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn cpu() -> std::time::Duration {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    std::time::Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}
fn best(mut f: impl FnMut()) -> std::time::Duration {
    (0..15)
        .map(|_| {
            let s = cpu();
            f();
            cpu() - s
        })
        .min()
        .unwrap()
}
fn main() {
    let guard = Guard::new(&Limits::default(), &taskward::graphql::sdl()).unwrap();
    let schema = taskward::graphql::schema(taskward::graphql::Suggestions::Hidden);
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.as_str();
        let scan = best(|| drop(scan::scan(text, &Limits::default())));
        let parsed = scan::scan(text, &Limits::default()).is_ok();
        let parse = if parsed { best(|| drop(parse::parse(text))) } else { Default::default() };
        let check = best(|| drop(guard.check(text, Introspection::Allowed)));
        let document = guard.check(text, Introspection::Allowed);
        let (mut prepare, mut validate, mut errs) = Default::default();
        if let Ok(document) = &document {
            prepare = best(|| drop(guard.prepare(document, None, Default::default())));
            if guard.prepare(document, None, Default::default()).is_ok() {
                validate = std::time::Duration::MAX;
                for _ in 0..15 {
                    let p = guard.prepare(document, None, Default::default()).unwrap();
                    let s = cpu();
                    let r = p.only_validated().into_request("");
                    let r = rt.block_on(schema.execute(r));
                    validate = validate.min(cpu() - s);
                    errs = r.errors.len();
                }
            }
        }
        println!(
            "{path:40} {:6}B scan {scan:>9.1?} parse {parse:>9.1?} check {check:>9.1?} prepare {prepare:>9.1?} validate {validate:>9.1?} errs {errs} {}",
            text.len(),
            document.err().map_or(String::from("accepted"), |e| e.message.into_owned())
        );
    }
}
