//! `extends`: the files a scenario is laid over. The name of a built-in scenario stands for that.

use std::path::{Path, PathBuf};

use super::merge::merge;
use super::parse::parse_file;
use super::{Node, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::library;
use crate::reading::{Reading, tidy};
use crate::source::SourceId;

/// The tree of a file with everything it extends under it; none if any of them could not be read. Later files of
/// `extends` are laid over earlier ones, and the file itself over all.
pub(crate) fn read_with_bases(name: &str, bytes: &[u8], reading: &Reading<'_>) -> Option<Node> {
    let (source, tree) = parse_file(name, bytes, reading);
    // The caller's folder is the one the file lies in, whatever path the file is shown by.
    let file = Path::new(name).file_name().unwrap_or_default();
    let here = reading.path_from(source, &file.to_string_lossy());
    let folder = here.parent().map(Path::to_owned).unwrap_or_default();
    reading.set_folder(source, &folder);
    with_bases(tree?, source, &mut vec![here], reading)
}

fn with_bases(
    mut tree: Node,
    source: SourceId,
    chain: &mut Vec<PathBuf>,
    reading: &Reading<'_>,
) -> Option<Node> {
    let Value::Table(table) = &mut tree.value else { return None };
    let Some(extends) = table.0.remove("extends") else { return Some(tree) };
    let Some(list) = extends.node.as_list() else {
        reading.report(not_a_list(&extends.node));
        return None;
    };
    let bases: Vec<Option<Node>> = list.iter().map(|element| base(element, source, chain, reading)).collect();
    // Every base has been looked at before the first that failed ends it, so that all errors are told.
    let bases: Vec<Node> = bases.into_iter().collect::<Option<_>>()?;
    let below = bases.into_iter().reduce(|under, over| merge(under, over, ""));
    Some(match below {
        Some(below) => merge(below, tree, ""),
        None => tree,
    })
}

fn base(element: &Node, source: SourceId, chain: &mut Vec<PathBuf>, reading: &Reading<'_>) -> Option<Node> {
    let Some(file) = element.as_text() else {
        reading.report(not_a_list(element));
        return None;
    };
    if let Some(built_in) = library::find(file) {
        let (id, tree) = parse_file(&format!("{file}.toml"), built_in.text.as_bytes(), reading);
        return with_bases(tree?, id, chain, reading);
    }
    let path = reading.path_from(source, file);
    if let Some(first) = chain.iter().position(|seen| *seen == path) {
        reading.report(cycle(element, &chain[first..], &path));
        return None;
    }
    let bytes = match reading.read(&path) {
        Ok(bytes) => bytes,
        Err(message) => {
            reading.report(
                Diagnostic::new(&codes::UNREADABLE, message)
                    .at(element.at, "named here")
                    .help("paths in `extends` are relative to the file that names them"),
            );
            return None;
        }
    };
    let (id, tree) = parse_file(&path.display().to_string(), &bytes, reading);
    reading.set_folder(id, path.parent().unwrap_or(Path::new("")));
    chain.push(tidy(&path));
    let whole = tree.and_then(|tree| with_bases(tree, id, chain, reading));
    chain.pop();
    whole
}

fn not_a_list(node: &Node) -> Diagnostic {
    Diagnostic::new(
        &codes::WRONG_TYPE,
        format!("`extends` must be a list of file names, but this is {}", node.value.kind()),
    )
    .at(node.at, "")
    .help("write `extends = [\"base.toml\"]`")
}

fn cycle(element: &Node, chain: &[PathBuf], path: &Path) -> Diagnostic {
    let shown: Vec<String> =
        chain.iter().map(PathBuf::as_path).chain([path]).map(|p| format!("`{}`", p.display())).collect();
    Diagnostic::new(&codes::EXTENDS_CYCLE, format!("`extends` goes in a circle: {}", shown.join(" extends ")))
        .at(element.at, "this file is already part of what extends it")
        .help("move what they share into a file that extends nothing")
}
