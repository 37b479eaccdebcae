//! Some secrets of a list on their way to JavaScript.

use std::{sync::Arc, vec};

use locker_core::{Dates, Part, Secret};
use napi::{
    Env, JsString, JsValue,
    bindgen_prelude::{Array, Float64Array, Function, JsValuesTupleIntoVec, Unknown},
    sys,
};
use napi_derive::napi;
use secrecy::ExposeSecret;

/// How many texts and numbers there are for each secret of a slice.
const TEXTS: usize = 4;
const NUMBERS: usize = 5;
/// How many environments back a secret's is looked for.
const MAX_LOOKED_BACK: usize = 16;

/// Some secrets of a list, or all. JavaScript takes them in slices, so that a long list does not keep its thread from
/// everything else, and makes the objects, which costs half of what it would cost here.
#[napi]
pub struct SecretBatch {
    secrets: vec::IntoIter<Secret>,
    is_anew: bool,
}

impl From<Vec<Secret>> for SecretBatch {
    fn from(secrets: Vec<Secret>) -> Self {
        Self { secrets: secrets.into_iter(), is_anew: false }
    }
}

impl From<Part> for SecretBatch {
    fn from(Part { secrets, is_anew, .. }: Part) -> Self {
        Self { secrets: secrets.into_iter(), is_anew }
    }
}

/// Some secrets of a list.
#[napi(object, object_from_js = false)]
pub struct SecretSlice<'env> {
    /// For each secret its id, key, value and description.
    #[napi(ts_type = "string[]")]
    pub texts: Unknown<'env>,
    /// For each secret its project, its dates of creation, revision and update, and the place of its environment. NaN is
    /// null.
    pub numbers: Float64Array,
    /// The names and the ids of environments: one, then the other.
    #[napi(ts_type = "string[]")]
    pub environments: Array<'env>,
}

/// Strings that are the arguments of one call.
pub struct Texts(Vec<sys::napi_value>);

impl JsValuesTupleIntoVec for Texts {
    fn into_vec(self, _env: sys::napi_env) -> napi::Result<Vec<sys::napi_value>> {
        Ok(self.0)
    }
}

#[napi]
impl SecretBatch {
    /// How many secrets are left.
    #[napi(getter)]
    #[must_use]
    pub fn length(&self) -> u32 {
        // The core reads at most a million.
        u32::try_from(self.secrets.len()).unwrap_or(u32::MAX)
    }

    /// Whether the list begins with these, and what was taken before is no part of it.
    #[napi(getter)]
    #[must_use]
    pub fn is_anew(&self) -> bool {
        self.is_anew
    }

    /// Takes the next secrets, at most `count`. Here, what is taken is zeroed. The texts go through `array`, a function that
    /// makes an array of its arguments: one call costs less than putting each text into its place.
    ///
    /// # Errors
    /// If JavaScript has no memory for them.
    #[napi(catch_unwind)]
    pub fn take<'env>(
        &mut self,
        env: &'env Env,
        count: u32,
        #[napi(ts_arg_type = "(...texts: string[]) => string[]")] array: Function<'env, Texts, Unknown<'env>>,
    ) -> napi::Result<SecretSlice<'env>> {
        let count = count.min(self.length()) as usize;
        let mut texts = Vec::with_capacity(count * TEXTS);
        let mut numbers = Vec::with_capacity(count * NUMBERS);
        let mut environments = Environments::default();
        for secret in self.secrets.by_ref().take(count) {
            for each in [&secret.id, &secret.key, secret.value.expose_secret(), &secret.description] {
                texts.push(text(env, each)?.raw());
            }
            let Dates { creation, revision, updated } = secret.dates;
            #[allow(clippy::cast_precision_loss, reason = "JavaScript has no other number")]
            let project_id = secret.project_id as f64;
            let [creation, revision, updated] =
                [creation, revision, updated].map(|date| date.unwrap_or(f64::NAN));
            let environment = environments.place(secret.environment_name, secret.environment_id);
            numbers.extend([project_id, creation, revision, updated, environment]);
        }
        if self.secrets.len() == 0 {
            // The room that they were in would stay until JavaScript collects this batch.
            self.secrets = Vec::new().into_iter();
        }
        let texts = array.call(Texts(texts))?;
        Ok(SecretSlice { texts, numbers: numbers.into(), environments: environments.into_array(env)? })
    }
}

/// The environments of a slice. The secrets of one share its texts, here as in JavaScript.
#[derive(Default)]
struct Environments(Vec<(Arc<str>, Arc<str>)>);

impl Environments {
    /// Where this environment is; NaN for ALL.
    #[allow(clippy::cast_precision_loss, reason = "a slice is short")]
    fn place(&mut self, name: Option<Arc<str>>, id: Option<Arc<str>>) -> f64 {
        let (Some(name), Some(id)) = (name, id) else { return f64::NAN };
        let is_it = |(known, _): &(Arc<str>, Arc<str>)| Arc::ptr_eq(known, &name);
        let first = self.0.len().saturating_sub(MAX_LOOKED_BACK);
        let known = self.0[first..].iter().position(is_it).map(|at| first + at);
        let place = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push((name, id));
        }
        place as f64
    }

    fn into_array<'env>(self, env: &'env Env) -> napi::Result<Array<'env>> {
        let mut array = env.create_array(0)?;
        for (name, id) in self.0 {
            array.insert(text(env, &name)?)?;
            array.insert(text(env, &id)?)?;
        }
        Ok(array)
    }
}

/// A JavaScript string. Most texts are ASCII, which needs no decoding.
fn text<'env>(env: &'env Env, text: &str) -> napi::Result<JsString<'env>> {
    if text.is_ascii() { env.create_string_latin1(text) } else { env.create_string(text) }
}
