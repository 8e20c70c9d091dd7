//! Versions as Git knows them, and their files in a folder of their own.
//!
//! A version is a tree object, be it a commit's or the work tree's as it stands, changes and new
//! files included. Both sides of a comparison are laid out in the same folder, one after the other,
//! so that paths, which find their way into symbols and so into the layout of an executable, do not
//! tell them apart. Nothing of the user's repository is touched: neither its index nor its list of
//! work trees.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::archive::Side;
use crate::bench::fingerprint;
use crate::shell;

/// A version and where its files are in Git.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) side: Side,
    /// The tree object.
    pub(crate) id: String,
}

/// The version that a commit, branch, tag or expression such as `HEAD~1` names.
pub(crate) fn resolve(root: &Path, reference: &str) -> Result<Tree> {
    if reference.starts_with('-') {
        bail!("{reference:?} names no version");
    }
    let commit = format!("{reference}^{{commit}}");
    let commit = git(root, &[], &["rev-parse", "--verify", "--quiet", &commit])
        .with_context(|| format!("{reference:?} is no commit, branch or tag here"))?;
    let id = git(root, &[], &["rev-parse", &format!("{commit}^{{tree}}")])?;
    let short = commit.get(..12).unwrap_or(&commit);
    let name =
        if commit.starts_with(reference) { short.into() } else { format!("{reference} ({short})") };
    Ok(Tree { side: Side { name, commit: Some(commit), dirty: false }, id })
}

/// The work tree as it stands; what is ignored is left out.
pub(crate) fn work_tree(root: &Path, scratch: &Path) -> Result<Tree> {
    std::fs::create_dir_all(scratch)?;
    let index = std::path::absolute(scratch.join("work-tree.index"))?;
    let own = git(root, &[], &["rev-parse", "--git-path", "index"])?;
    // The index knows which files have not changed since they were hashed.
    if let Err(error) = std::fs::copy(root.join(own), &index)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error).context("cannot copy Git's index");
    }
    let variables = [("GIT_INDEX_FILE", index.as_path())];
    git(root, &variables, &["add", "--all"])?;
    let id = git(root, &variables, &["write-tree"])?;
    std::fs::remove_file(&index)?;
    let (commit, dirty) = fingerprint::commit(root);
    let short = commit.get(..12).unwrap_or(&commit).to_owned();
    let changed = if dirty { " with changes" } else { "" };
    let name = format!("work tree ({short}{changed})");
    Ok(Tree { side: Side { name, commit: Some(commit), dirty }, id })
}

/// Lays a version out in `folder`, of which only the files that differ are written, so that a build
/// there does the least.
pub(crate) fn lay_out(root: &Path, tree: &Tree, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {folder:?}"))?;
    let folder = std::path::absolute(folder)?;
    let index = folder.with_extension("index");
    let variables = [("GIT_INDEX_FILE", index.as_path()), ("GIT_WORK_TREE", folder.as_path())];
    git(root, &variables, &["read-tree", "--reset", "-u", &tree.id])
        .with_context(|| format!("cannot lay out {} in {folder:?}", tree.side.name))?;
    Ok(())
}

fn git(root: &Path, variables: &[(&str, &Path)], arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    command.current_dir(root).args(arguments).envs(variables.iter().copied());
    if let Some((_, folder)) = variables.iter().find(|(name, _)| *name == "GIT_WORK_TREE") {
        // With a work tree that is not its own, Git is to be told where the repository is.
        command.env("GIT_DIR", git_dir(root)?).current_dir(folder);
    }
    let line = shell::display(&command);
    let output = command.output().context("cannot start git")?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed: {}", error.trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn git_dir(root: &Path) -> Result<PathBuf> {
    Ok(git(root, &[], &["rev-parse", "--absolute-git-dir"])?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository of its own with two commits, gone afterwards.
    struct Repository(PathBuf);

    impl Repository {
        fn new(name: &str) -> Self {
            let root =
                std::env::temp_dir().join(format!("xtask-git-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&root).unwrap();
            let repository = Self(root);
            repository.git(&["init", "--quiet"]);
            repository.write(".gitignore", "/target\n");
            repository.commit("one");
            repository.commit("two");
            repository
        }

        fn git(&self, arguments: &[&str]) -> String {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "gc.auto=0"];
            let arguments: Vec<&str> = identity.iter().chain(arguments).copied().collect();
            git(&self.0, &[], &arguments).unwrap()
        }

        fn write(&self, file: &str, text: &str) {
            std::fs::write(self.0.join(file), text).unwrap();
        }

        fn commit(&self, text: &str) {
            self.write("file", text);
            self.git(&["add", "--all"]);
            self.git(&["commit", "--quiet", "--no-gpg-sign", "-m", text]);
        }
    }

    impl Drop for Repository {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn versions_are_laid_out_one_after_the_other() {
        let repository = Repository::new("lay-out");
        let folder = repository.0.join("target/tree");
        let read = || std::fs::read_to_string(folder.join("file")).unwrap();
        let old = resolve(&repository.0, "HEAD~1").unwrap();
        lay_out(&repository.0, &old, &folder).unwrap();
        assert_eq!(read(), "one");
        let new = resolve(&repository.0, "HEAD").unwrap();
        lay_out(&repository.0, &new, &folder).unwrap();
        assert_eq!(read(), "two");
        assert!(new.side.name.starts_with("HEAD (") && !new.side.dirty);
        assert_eq!(repository.git(&["status", "--porcelain"]), "", "the repository is untouched");
    }

    #[test]
    fn a_work_tree_counts_with_its_changes_and_new_files() {
        let repository = Repository::new("work-tree");
        let scratch = repository.0.join("target");
        let clean = work_tree(&repository.0, &scratch).unwrap();
        assert_eq!(clean.id, resolve(&repository.0, "HEAD").unwrap().id);
        assert!(!clean.side.dirty);
        repository.write("file", "three");
        repository.write("new", "four");
        let dirty = work_tree(&repository.0, &scratch).unwrap();
        assert!(dirty.side.dirty && dirty.side.name.ends_with("with changes)"));
        let folder = scratch.join("tree");
        lay_out(&repository.0, &dirty, &folder).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("new")).unwrap(), "four");
        assert!(repository.git(&["status", "--porcelain"]).contains("?? new"), "not added");
        lay_out(&repository.0, &clean, &folder).unwrap();
        assert!(!folder.join("new").exists());
    }

    #[test]
    fn what_names_no_version_is_an_error_that_says_so() {
        let repository = Repository::new("wrong");
        for wrong in ["no-such-branch", "--all", "HEAD~9"] {
            let error = resolve(&repository.0, wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
