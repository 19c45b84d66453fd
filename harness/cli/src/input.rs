//! A scenario as the command line names it: a path or a built-in name, with overrides, read, decoded and planned.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use upstorm_language::compile::{self, PlanOptions};
use upstorm_language::library::{self, find};
use upstorm_language::{Diagnostics, LoadOptions, Loaded, Variant, matrix, warn};
use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;

use crate::console::{stderr_in_colour, tell};
use crate::failure::Failure;

/// What the command line puts over a scenario.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Overrides {
    /// Override a key of the scenario, such as gateway.edge.preset=naive. May be given again.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// The seed, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The world, instead of the scenario's.
    #[arg(long, value_enum, value_name = "WORLD")]
    pub(crate) world: Option<World>,
}

/// A world, as the command line names it.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum World {
    /// Real sockets on loopback, real time.
    Real,
    /// A simulated network in virtual time.
    Sim,
}

impl World {
    /// As the command line takes it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Sim => "sim",
        }
    }
}

impl From<World> for WorldKind {
    fn from(world: World) -> Self {
        match world {
            World::Real => Self::Real,
            World::Sim => Self::Sim,
        }
    }
}

/// A scenario, ready to run.
#[derive(Debug)]
pub(crate) struct Input {
    /// As the command line named it.
    pub(crate) name: String,
    /// Its text as given.
    pub(crate) text: Vec<u8>,
    /// The file, if it is one.
    pub(crate) file: Option<String>,
    /// Decoded.
    pub(crate) loaded: Loaded,
    /// Planned; without its matrix, if it has one.
    pub(crate) plan: Arc<Plan>,
    /// The plan of each variant, in the order of its matrix; empty without one.
    pub(crate) variants: Vec<Plan>,
    /// How many seeds it asks for.
    pub(crate) seeds: u32,
    /// What would make its run worthless, if anything.
    pub(crate) warnings: Option<Diagnostics>,
}

impl Input {
    /// The variant at this place of its matrix, as if it were the whole scenario.
    pub(crate) fn only(&self, index: usize) -> Option<Self> {
        let Variant { loaded, .. } = self.loaded.matrix.as_ref()?.variants.get(index)?;
        let plan = Arc::new(self.variants.get(index)?.clone());
        let warnings = Diagnostics::new(&loaded.sources, warn::warnings(loaded, &plan));
        let (name, text, file) = (self.name.clone(), self.text.clone(), self.file.clone());
        let (loaded, seeds) = (loaded.clone(), self.seeds);
        Some(Self { name, text, file, loaded, plan, variants: Vec::new(), seeds, warnings })
    }

    /// The plan of the variant of this label; without a label, that of the scenario without its matrix.
    pub(crate) fn plan_of(&self, label: Option<&str>) -> Option<&Plan> {
        match label {
            None => Some(&self.plan),
            Some(_) => self.variants.iter().find(|plan| plan.variant.as_deref() == label),
        }
    }

    /// Tells the warnings.
    pub(crate) fn show_warnings(&self) {
        if let Some(warnings) = &self.warnings {
            tell(&warnings.render(stderr_in_colour()));
        }
    }
}

/// Reads, decodes and plans a scenario.
pub(crate) fn load_scenario(name: &str, overrides: &Overrides) -> Result<Input, Failure> {
    let (shown, dir, text) = read(name)?;
    let options =
        LoadOptions { sets: &overrides.sets, env: &|key| std::env::var(key).ok(), read: &read_bounded };
    let loaded = upstorm_language::load(&shown, dir.as_deref(), &text, &options).map_err(refused)?;
    let plan_options = PlanOptions { seed: overrides.seed, world: overrides.world.map(WorldKind::from) };
    let plan = Arc::new(compile::plan(&loaded, &plan_options).map_err(refused)?);
    let variants = match &loaded.matrix {
        Some(matrix) => matrix::plans(matrix, &plan_options).map_err(refused)?,
        None => Vec::new(),
    };
    let found = match &loaded.matrix {
        Some(matrix) => matrix::warnings(matrix, &variants),
        None => warn::warnings(&loaded, &plan),
    };
    let warnings = Diagnostics::new(&loaded.sources, found);
    let file = dir.is_some().then(|| shown.clone());
    let seeds = loaded.seeds();
    Ok(Input { name: name.to_owned(), text, file, loaded, plan, variants, seeds, warnings })
}

fn refused(diagnostics: Diagnostics) -> Failure {
    Failure::usage(anyhow::anyhow!("{}", diagnostics.render(stderr_in_colour()).trim_end().to_owned()))
}

/// No file that a scenario speaks of is larger; a device that never ends is cut off there and refused.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Reads a file whole, if it has a sensible size.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MiB"));
    }
    Ok(bytes)
}

type Text = (String, Option<std::path::PathBuf>, Vec<u8>);

fn read(name: &str) -> Result<Text, Failure> {
    let path = Path::new(name);
    if let Some(built_in) = find(name) {
        return Ok((format!("{}.toml", built_in.short_name()), None, built_in.text.as_bytes().to_vec()));
    }
    match read_bounded(path) {
        Ok(text) => Ok((name.to_owned(), Some(path.parent().unwrap_or(Path::new("")).to_owned()), text)),
        Err(e) => Err(unreadable(name, &e)),
    }
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    if error.kind() != io::ErrorKind::NotFound {
        return Failure::usage(anyhow::anyhow!("cannot read {name}: {error}"));
    }
    let near = closest_built_in(name).map(|near| format!("; did you mean the built-in `{near}`?"));
    let near = near.unwrap_or_else(|| "; `upstorm scenarios list` names the built-in ones".to_owned());
    Failure::usage(anyhow::anyhow!("there is no file and no built-in scenario `{name}`{near}"))
}

/// The built-in scenario whose name is nearest to this, if one is near.
pub(crate) fn closest_built_in(name: &str) -> Option<&'static str> {
    upstorm_language::nearest(name, library::all().map(|s| s.name))
}
