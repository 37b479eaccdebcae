//! What was read, sealed in a file that the processes of one user share.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    clock::{Past, Stamp},
    config::Config,
    crypto::FileKey,
    vault::SavedShelf,
    wire::{EnvironmentItem, Profile, SecretItem},
};

/// Another version of the format has another first line, and a file with another first line is not read.
const FIRST_LINE: &[u8] = b"lockerpm cache 1\n";
const KEY_PURPOSE: &[u8] = b"lockerpm cache 1";
/// A file of such a size was not written here.
const MAX_FILE_LEN: u64 = 1 << 30;

/// What the file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(crate) profile: Option<Profile>,
    pub(crate) secrets: SavedShelf<SecretItem>,
    pub(crate) environments: SavedShelf<EnvironmentItem>,
}

/// The second line of the file: what gives the content its meaning. It is readable, and authenticated.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    api_base: String,
    access_key_id: String,
    saved_at: Stamp,
}

/// Which writing of the file this is. Each writing makes a new file, so that its date tells it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edition(SystemTime, u64);

/// Why a file is not used. It is replaced when something is saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is not of this version")]
    Version,
    #[error("it was cut, altered, or written with another access key")]
    Altered,
    #[error("it is from the future, so the clock was set back")]
    Future,
}

/// The cache file of one API base and one access key.
pub(crate) struct CacheFile {
    folder: PathBuf,
    name: String,
    key: FileKey,
    api_base: String,
    access_key_id: String,
}

/// What a lock is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// To replace the file.
    Save,
    /// To ask the server what others are about to ask too.
    Refresh,
}

impl CacheFile {
    pub(crate) fn new(folder: &Path, config: &Config) -> Self {
        let (api_base, access_key_id) = (config.connection.api_base.as_str(), config.access_key_id.as_str());
        let digest =
            Sha256::new().chain_update(api_base).chain_update([0]).chain_update(access_key_id).finalize();
        Self {
            folder: folder.to_owned(),
            name: digest[..16].iter().map(|byte| format!("{byte:02x}")).collect(),
            key: config.access_key_secret.derive_file_key(KEY_PURPOSE),
            api_base: api_base.to_owned(),
            access_key_id: access_key_id.to_owned(),
        }
    }

    /// The current writing; `None` if there is no file.
    pub(crate) fn edition(&self) -> Option<Edition> {
        let metadata = fs::metadata(self.path("vault")).ok()?;
        Some(Edition(metadata.modified().ok()?, metadata.len()))
    }

    /// What the file holds, and when it was written; `None` if there is no file.
    pub(crate) fn load(&self) -> Result<Option<(Contents, Past)>, Unusable> {
        let path = self.path("vault");
        let sealed = match fs::metadata(&path) {
            // Reading something else, such as a pipe, might never end.
            Ok(metadata) if !metadata.is_file() || metadata.len() > MAX_FILE_LEN => {
                return Err(Unusable::Altered);
            }
            Ok(_) => fs::read(&path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        self.open(&sealed).map(Some)
    }

    /// What the bytes of a file hold, and when they were written.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<(Contents, Past), Unusable> {
        let rest = sealed.strip_prefix(FIRST_LINE).ok_or(Unusable::Version)?;
        let end = rest.iter().position(|&byte| byte == b'\n').ok_or(Unusable::Altered)?;
        let header: Header = serde_json::from_slice(&rest[..end]).map_err(|_| Unusable::Altered)?;
        if header.api_base != self.api_base || header.access_key_id != self.access_key_id {
            return Err(Unusable::Altered);
        }
        let (context, body) = sealed.split_at(FIRST_LINE.len() + end + 1);
        let plain = self.key.open(context, body).map_err(|_| Unusable::Altered)?;
        let saved_at = Past::ago(header.saved_at.age().ok_or(Unusable::Future)?);
        let contents = serde_json::from_slice(&plain).map_err(|_| Unusable::Version)?;
        Ok((contents, saved_at))
    }

    /// Replaces the file: whoever reads it finds the old content or the new, and nothing else, whatever ends this
    /// process. The caller holds the lock to save. The ages in `contents` count from `saved_at`, or later: a read may seem
    /// older than it is, and never younger.
    pub(crate) fn store(&self, contents: &Contents, saved_at: Stamp) -> io::Result<()> {
        let header =
            Header { api_base: self.api_base.clone(), access_key_id: self.access_key_id.clone(), saved_at };
        let mut file = FIRST_LINE.to_vec();
        serde_json::to_writer(&mut file, &header)?;
        file.push(b'\n');
        let body = self.key.seal(&file, &serde_json::to_vec(contents)?).map_err(io::Error::other)?;
        file.extend(body);

        self.make_folder()?;
        self.remove_remains();
        let temporary = self.path(&format!("{}.tmp", std::process::id()));
        let written =
            private(OpenOptions::new().write(true).create_new(true)).open(&temporary).and_then(|mut open| {
                open.write_all(&file)?;
                open.sync_all()
            });
        written
            .and_then(|()| fs::rename(&temporary, self.path("vault")))
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
    }

    /// Removes the file.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(self.path("vault")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes a lock that other processes respect; `None` if one of them has it. It ends with the returned file, or with
    /// the process.
    pub(crate) fn try_lock(&self, purpose: Purpose) -> io::Result<Option<File>> {
        self.make_folder()?;
        let name = match purpose {
            Purpose::Save => "save.lock",
            Purpose::Refresh => "refresh.lock",
        };
        let file =
            private(OpenOptions::new().write(true).create(true).truncate(false)).open(self.path(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }

    /// Removes what processes left that were ended while they wrote. Nobody is writing now: the lock is held.
    fn remove_remains(&self) {
        let is_remains = |name: &OsString| {
            name.to_str().is_some_and(|name| name.starts_with(&self.name) && name.ends_with(".tmp"))
        };
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if is_remains(&entry.file_name()) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }
}

/// Files that are made with these options can be read by their owner only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
