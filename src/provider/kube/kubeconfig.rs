//! Entries of a kubeconfig: a cluster, a user and a context of one name, merged with what is there.
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>

use super::credential::ExecVersion;
use crate::chart::value::{Object, Value};
use crate::chart::yaml::{self, NotYaml, YamlError};

/// What a client needs to reach a cluster of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of the context, the cluster and the user.
    pub name: String,
    /// The API server's URL.
    pub server: String,
    /// The certificate authority, PEM in Base64.
    pub authority: String,
    /// The program that prints tokens.
    pub command: String,
    /// Its arguments: by them an entry is known as ours.
    pub arguments: Vec<String>,
}

/// A kubeconfig that entries cannot be put into. Nothing of it is changed.
#[derive(Debug, thiserror::Error)]
pub enum KubeconfigError {
    /// It is not YAML.
    #[error("the kubeconfig is not YAML")]
    Yaml(#[source] YamlError),
    /// It is YAML of another form.
    #[error("the kubeconfig is no kubeconfig: {0}")]
    Form(String),
    /// The name is taken by somebody else's entry.
    #[error("the kubeconfig has {what} `{name}` already, and it is not ours")]
    Taken {
        /// What has the name: `a cluster`, `a user`, `a context`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// It cannot be written again.
    #[error("the kubeconfig cannot be written")]
    Write(#[source] NotYaml),
}

/// A kubeconfig with one entry, as a tree.
pub fn document(entry: &Entry) -> Value {
    let mut document = empty();
    for section in SECTIONS {
        document.insert(section.list.to_owned(), Value::List(vec![section.named(entry, Object::new())]));
    }
    document.insert("current-context".to_owned(), entry.name.as_str().into());
    Value::Map(document)
}

/// The text of a kubeconfig with `entry` put into it: in place of our own former one, else beside the others.
/// Everything else stays, also what is not known here; the current context is changed only when there is none, or
/// `make_current` asks for it.
///
/// # Errors
/// What is not a kubeconfig, and what has a foreign entry of the same name.
pub fn merge(existing: &str, entry: &Entry, make_current: bool) -> Result<String, KubeconfigError> {
    let document = match yaml::read(existing.as_bytes()).map_err(KubeconfigError::Yaml)? {
        Value::Null => empty(),
        Value::Map(document) => document,
        other => return Err(KubeconfigError::Form(format!("it is a {}, not a map", other.kind()))),
    };
    let merged = merge_tree(document, entry, make_current)?;
    yaml::write(&Value::Map(merged)).map_err(KubeconfigError::Write)
}

fn merge_tree(mut document: Object, entry: &Entry, make_current: bool) -> Result<Object, KubeconfigError> {
    if let Some(kind) = document.get("kind").filter(|kind| kind.as_str() != Some("Config")) {
        return Err(KubeconfigError::Form(format!("its kind is {kind:?}")));
    }
    let ours = is_ours(&document, entry);
    for section in SECTIONS {
        let list = document.entry(section.list.to_owned()).or_default();
        if list.is_null() {
            *list = Value::List(Vec::new());
        }
        let Value::List(list) = list else {
            return Err(KubeconfigError::Form(format!("its {} are no list", section.list)));
        };
        let place = list.iter().position(|item| name_of(item) == Some(&entry.name));
        match place {
            Some(_) if !ours => {
                return Err(KubeconfigError::Taken { what: section.what, name: entry.name.clone() });
            }
            Some(place) => {
                let former = list[place].get(section.key).and_then(Value::as_map).cloned();
                list[place] = section.named(entry, former.unwrap_or_default());
            }
            None => list.push(section.named(entry, Object::new())),
        }
    }
    let current = document.get("current-context").and_then(Value::as_str).unwrap_or_default();
    if make_current || current.is_empty() {
        document.insert("current-context".to_owned(), entry.name.as_str().into());
    }
    Ok(document)
}

fn empty() -> Object {
    Object::from([("apiVersion".to_owned(), "v1".into()), ("kind".to_owned(), "Config".into())])
}

fn name_of(item: &Value) -> Option<&String> {
    match item.get("name") {
        Some(Value::String(name)) => Some(name),
        _ => None,
    }
}

/// Whether the user of the entry's name gets its tokens as the entry says, wherever the program was at that time.
fn is_ours(document: &Object, entry: &Entry) -> bool {
    let users = document.get("users").and_then(Value::as_list).unwrap_or_default();
    let user = users.iter().find(|user| name_of(user) == Some(&entry.name));
    let arguments = user.and_then(|user| user.at(["user", "exec", "args"])).and_then(Value::as_list);
    arguments.is_some_and(|arguments| {
        arguments.iter().map(Value::as_str).eq(entry.arguments.iter().map(|text| Some(text.as_str())))
    })
}

/// One of the three lists of a kubeconfig.
struct Section {
    list: &'static str,
    key: &'static str,
    what: &'static str,
    fill: fn(&Entry, &mut Object),
}

const SECTIONS: [Section; 3] = [
    Section { list: "clusters", key: "cluster", what: "a cluster", fill: fill_cluster },
    Section { list: "contexts", key: "context", what: "a context", fill: fill_context },
    Section { list: "users", key: "user", what: "a user", fill: fill_user },
];

impl Section {
    /// The list's item: what was in it before stays, apart from what we set.
    fn named(&self, entry: &Entry, mut inside: Object) -> Value {
        (self.fill)(entry, &mut inside);
        Value::Map(Object::from([
            ("name".to_owned(), entry.name.as_str().into()),
            (self.key.to_owned(), Value::Map(inside)),
        ]))
    }
}

fn fill_cluster(entry: &Entry, cluster: &mut Object) {
    cluster.insert("server".to_owned(), entry.server.as_str().into());
    cluster.insert("certificate-authority-data".to_owned(), entry.authority.as_str().into());
}

fn fill_context(entry: &Entry, context: &mut Object) {
    context.insert("cluster".to_owned(), entry.name.as_str().into());
    context.insert("user".to_owned(), entry.name.as_str().into());
}

fn fill_user(entry: &Entry, user: &mut Object) {
    let arguments = entry.arguments.iter().map(|text| text.as_str().into()).collect();
    let exec = Object::from([
        ("apiVersion".to_owned(), ExecVersion::V1.name().into()),
        ("command".to_owned(), entry.command.as_str().into()),
        ("args".to_owned(), Value::List(arguments)),
        // Without it, clients ask for none in v1, and refuse the entry.
        ("interactiveMode".to_owned(), "Never".into()),
        ("provideClusterInfo".to_owned(), Value::Bool(false)),
    ]);
    user.insert("exec".to_owned(), Value::Map(exec));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            name: "dev-eks".to_owned(),
            server: "https://ABC.gr7.eu-central-1.eks.amazonaws.com".to_owned(),
            authority: "LS0tLS1CRUdJTg==".to_owned(),
            command: "/usr/local/bin/platctl".to_owned(),
            arguments: ["-C", "/srv/platform", "token", "dev"].map(str::to_owned).to_vec(),
        }
    }

    const GOLDEN: &str = "\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://ABC.gr7.eu-central-1.eks.amazonaws.com
  name: dev-eks
contexts:
- context:
    cluster: dev-eks
    user: dev-eks
  name: dev-eks
current-context: dev-eks
kind: Config
users:
- name: dev-eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - -C
      - /srv/platform
      - token
      - dev
      command: /usr/local/bin/platctl
      interactiveMode: Never
      provideClusterInfo: false
";

    const THEIRS: &str = "\
apiVersion: v1
kind: Config
current-context: work
preferences: {colors: true}
extensions: [{name: x, extension: {count: 12345678, ratio: 0.5}}]
clusters: [{name: work, cluster: {server: 'https://10.0.0.1', tls-server-name: api, proxy-url: 'http://p'}}]
contexts: [{name: work, context: {cluster: work, user: me, namespace: team}}]
users: [{name: me, user: {token: 'on', username: '007'}}]
";

    #[test]
    fn a_new_kubeconfig_is_as_kubectl_writes_it() {
        assert_eq!(merge("", &entry(), false).unwrap(), GOLDEN);
        assert_eq!(yaml::write(&document(&entry())).unwrap(), GOLDEN);
        assert_eq!(merge(GOLDEN, &entry(), false).unwrap(), GOLDEN);
    }

    #[test]
    fn nothing_of_what_is_there_is_lost() {
        let before = yaml::read(THEIRS.as_bytes()).unwrap();
        let after = yaml::read(merge(THEIRS, &entry(), false).unwrap().as_bytes()).unwrap();
        for (key, value) in before.as_map().unwrap() {
            match value {
                Value::List(items) => {
                    for item in items {
                        assert!(after.get(key).unwrap().as_list().unwrap().contains(item), "{key}: {item:?}");
                    }
                }
                other => assert_eq!(after.get(key), Some(other)),
            }
        }
        let current = merge(THEIRS, &entry(), true).unwrap();
        assert!(
            current.contains("current-context: dev-eks\n") && current.contains("name: work\n"),
            "{current}"
        );
    }

    #[test]
    fn our_own_entry_is_renewed_and_keeps_what_was_added_to_it() {
        let with_namespace =
            GOLDEN.replace("    user: dev-eks\n", "    user: dev-eks\n    namespace: backend\n");
        let moved = Entry { server: "https://NEW".to_owned(), command: "/opt/platctl".to_owned(), ..entry() };
        let merged = merge(&with_namespace, &moved, false).unwrap();
        assert!(merged.contains("namespace: backend") && merged.contains("server: https://NEW"), "{merged}");
        assert!(merged.contains("command: /opt/platctl") && !merged.contains("ABC.gr7"), "{merged}");
    }

    #[test]
    fn what_is_foreign_or_no_kubeconfig_is_refused() {
        let foreign = THEIRS.replace("name: work, cluster:", "name: dev-eks, cluster:");
        let error = merge(&foreign, &entry(), false).unwrap_err();
        assert!(matches!(error, KubeconfigError::Taken { what: "a cluster", .. }), "{error}");
        // The same environment of another folder, thus perhaps of another account, is foreign too.
        let elsewhere = GOLDEN.replace("/srv/platform", "/srv/other");
        assert!(matches!(merge(&elsewhere, &entry(), false), Err(KubeconfigError::Taken { .. })));
        for text in ["- a", "kind: Pod", "clusters: {a: b}", "a: [", "text"] {
            assert!(merge(text, &entry(), false).is_err(), "{text}");
        }
        assert!(merge("clusters: null\nusers:\n", &entry(), false).is_ok());
    }
}
