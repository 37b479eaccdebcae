//! Secrets of a list on their way to JavaScript.

use std::{sync::Arc, vec};

use locker_core::{Dates, Part, Secrets};
use napi::{
    Env, JsValue,
    bindgen_prelude::{Array, Float64Array, Function, JsValuesTupleIntoVec, Unknown},
    sys,
};
use napi_derive::napi;

use crate::convert::text;

/// How many texts and numbers there are for each secret of a slice.
const TEXTS: usize = 4;
const NUMBERS: usize = 5;

/// Secrets of a list, or all. JavaScript takes them in slices, so that a long list does not keep its thread from everything
/// else, and makes the objects, which costs half of what it would cost here.
#[napi]
pub struct SecretBatch {
    slices: vec::IntoIter<Secrets>,
    is_anew: bool,
}

impl From<Vec<Secrets>> for SecretBatch {
    fn from(slices: Vec<Secrets>) -> Self {
        Self { slices: slices.into_iter(), is_anew: false }
    }
}

impl From<Part> for SecretBatch {
    fn from(Part { secrets, is_anew, .. }: Part) -> Self {
        Self { slices: vec![secrets].into_iter(), is_anew }
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
    /// Whether the list begins with these, and what was taken before is no part of it.
    #[napi(getter)]
    #[must_use]
    pub fn is_anew(&self) -> bool {
        self.is_anew
    }

    /// Takes the next slice, whose values are then zeroed here; null after the last one. The texts go through `array`, a
    /// function that makes an array of its arguments: one call costs less than putting each text into its place.
    ///
    /// # Errors
    /// If JavaScript has no memory for them.
    #[napi(catch_unwind, ts_return_type = "SecretSlice | null")]
    pub fn take<'env>(
        &mut self,
        env: &'env Env,
        #[napi(ts_arg_type = "(...texts: string[]) => string[]")] array: Function<'env, Texts, Unknown<'env>>,
    ) -> napi::Result<Option<SecretSlice<'env>>> {
        self.slices.next().map(|secrets| slice(env, &secrets, array)).transpose()
    }
}

fn slice<'env>(
    env: &'env Env,
    secrets: &Secrets,
    array: Function<'env, Texts, Unknown<'env>>,
) -> napi::Result<SecretSlice<'env>> {
    let mut texts = Vec::with_capacity(secrets.len() * TEXTS);
    let mut numbers = Vec::with_capacity(secrets.len() * NUMBERS);
    // Looked through once, and not text by text.
    let is_ascii = secrets.is_ascii();
    for secret in secrets.iter() {
        for each in [secret.id, secret.key, secret.value, secret.description] {
            let text = if is_ascii { env.create_string_latin1(each) } else { text(env, each) };
            texts.push(text?.raw());
        }
        let Dates { creation, revision, updated } = secret.dates;
        let [creation, revision, updated] =
            [creation, revision, updated].map(|date| date.unwrap_or(f64::NAN));
        #[allow(clippy::cast_precision_loss, reason = "JavaScript has no other number")]
        let (project_id, environment) =
            (secret.project_id as f64, secret.environment.map_or(f64::NAN, |place| place as f64));
        numbers.extend([project_id, creation, revision, updated, environment]);
    }
    let texts = array.call(Texts(texts))?;
    let environments = environments(env, secrets.environments())?;
    Ok(SecretSlice { texts, numbers: numbers.into(), environments })
}

fn environments<'env>(env: &'env Env, environments: &[(Arc<str>, Arc<str>)]) -> napi::Result<Array<'env>> {
    let mut array = env.create_array(0)?;
    for (name, id) in environments {
        array.insert(text(env, name)?)?;
        array.insert(text(env, id)?)?;
    }
    Ok(array)
}
