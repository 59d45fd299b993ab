//! What each function takes, and literals of each kind.
//!
//! Kinds: `s` string, `i` int, `f` float, `n` any number, `b` bool, `l` list, `m` map, `a` anything, `k` a
//! key, `r` a regular expression, `d` a time, `p` a printf format, `v` a version, `c` a constraint, `u` a
//! URL, `y` YAML, `j` JSON, `t` TOML, `L` a time layout, `D` a duration, `z` a time zone, `6` base 64, `S` a
//! small count, `K` a private key, `g` list of names or nil, `M` a map to change, `B` a value to put into it; `*` repeats the kind before it.

use super::generate::Generator;

/// A function with its parameters and the kind of its result (`a` if that varies).
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static str,
    pub(crate) result: char,
    /// What to make of a result that is not the same every time.
    pub(crate) wrap: Option<&'static str>,
    /// Whether calls take long, so that enough is enough.
    pub(crate) costly: bool,
}

const fn f(name: &'static str, parameters: &'static str, result: char) -> Signature {
    Signature { name, parameters, result, wrap: None, costly: false }
}

const fn w(name: &'static str, parameters: &'static str, result: char, wrap: &'static str) -> Signature {
    Signature { name, parameters, result, wrap: Some(wrap), costly: false }
}

const fn x(name: &'static str, parameters: &'static str, result: char, wrap: &'static str) -> Signature {
    Signature { name, parameters, result, wrap: Some(wrap), costly: true }
}

const PEM: &str = "{}.Cert | regexMatch \"^-----BEGIN CERTIFICATE-----\\n\"";

#[rustfmt::skip]
pub(crate) const SIGNATURES: &[Signature] = &[
    f("and", "aa*", 'a'), f("or", "aa*", 'a'), f("not", "a", 'b'), f("len", "l", 'i'), f("index", "mk", 'a'),
    f("html", "aa*", 's'), f("js", "aa*", 's'), f("urlquery", "aa*", 's'), f("print", "aa*", 's'), f("println", "aa*", 's'),
    f("printf", "pa*", 's'), f("eq", "ss*", 'b'), f("ne", "ii", 'b'), f("lt", "ii", 'b'), f("le", "ss", 'b'), f("gt", "ff", 'b'),
    f("ge", "ii", 'b'), x("call", "a", 'a', "{}"),
    f("default", "aa", 'a'), f("empty", "a", 'b'), f("coalesce", "aa*", 'a'), f("all", "aa*", 'b'), f("any", "aa*", 'b'),
    f("ternary", "aab", 'a'), f("hello", "", 's'),
    f("typeOf", "a", 's'), f("typeIs", "sa", 'b'), f("typeIsLike", "sa", 'b'), f("kindOf", "a", 's'), f("kindIs", "sa", 'b'), f("deepEqual", "aa", 'b'),
    f("abbrev", "Ss", 's'), f("abbrevboth", "SSs", 's'), f("trunc", "Ss", 's'), f("trim", "s", 's'), f("upper", "s", 's'), f("lower", "s", 's'),
    f("title", "s", 's'), f("untitle", "s", 's'), f("swapcase", "s", 's'), f("snakecase", "s", 's'), f("kebabcase", "s", 's'), f("camelcase", "s", 's'),
    f("substr", "SSs", 's'), f("repeat", "Ss", 's'), f("trimall", "ss", 's'), f("trimAll", "ss", 's'), f("trimSuffix", "ss", 's'), f("trimPrefix", "ss", 's'),
    f("nospace", "s", 's'), f("initials", "s", 's'), f("wrap", "Ss", 's'), f("wrapWith", "Sss", 's'), f("contains", "ss", 'b'), f("hasPrefix", "ss", 'b'),
    f("hasSuffix", "ss", 'b'), f("quote", "aa*", 's'), f("squote", "aa*", 's'), f("cat", "aa*", 's'), f("indent", "Ss", 's'), f("nindent", "Ss", 's'),
    f("replace", "sss", 's'), f("plural", "ssi", 's'), f("toString", "a", 's'), f("split", "ss", 'a'), f("splitn", "sSs", 'a'), f("splitList", "ss", 'l'),
    f("toStrings", "a", 'l'), f("join", "sl", 's'),
    f("atoi", "s", 'i'), f("int", "a", 'i'), f("int64", "a", 'a'), f("float64", "a", 'f'), f("toDecimal", "a", 'a'), f("seq", "SSS*", 's'),
    f("until", "S", 'l'), f("untilStep", "SSS", 'l'), f("add1", "n", 'a'), f("add", "nn*", 'a'), f("sub", "nn", 'a'), f("div", "nn", 'a'), f("mod", "nn", 'a'),
    f("mul", "nn*", 'a'), f("max", "nn*", 'a'), f("biggest", "nn*", 'a'), f("min", "nn*", 'a'), f("maxf", "nn*", 'f'), f("minf", "nn*", 'f'), f("ceil", "n", 'f'),
    f("floor", "n", 'f'), f("round", "nS", 'f'), f("add1f", "n", 'f'), f("addf", "nn*", 'f'), f("subf", "nn*", 'f'), f("mulf", "nn*", 'f'), f("divf", "nn*", 'f'),
    f("list", "aa*", 'l'), f("tuple", "aa*", 'l'), f("append", "la", 'l'), f("push", "la", 'l'), f("mustAppend", "la", 'l'), f("mustPush", "la", 'l'),
    f("prepend", "la", 'l'), f("mustPrepend", "la", 'l'), f("first", "l", 'a'), f("mustFirst", "l", 'a'), f("last", "l", 'a'), f("mustLast", "l", 'a'),
    f("rest", "l", 'l'), f("mustRest", "l", 'l'), f("initial", "l", 'l'), f("mustInitial", "l", 'l'), f("reverse", "l", 'l'), f("mustReverse", "l", 'l'),
    f("compact", "l", 'l'), f("mustCompact", "l", 'l'), f("uniq", "l", 'l'), f("mustUniq", "l", 'l'), f("without", "la*", 'l'), f("mustWithout", "la*", 'l'),
    f("has", "al", 'b'), f("mustHas", "al", 'b'), f("slice", "lSS", 'a'), f("mustSlice", "lS", 'a'), f("concat", "ll*", 'l'), f("chunk", "Sl", 'l'),
    f("mustChunk", "Sl", 'l'), f("sortAlpha", "l", 'l'),
    f("dict", "kaka", 'm'), f("get", "mk", 'a'), f("set", "MkB", 'm'), f("unset", "Mk", 'm'), f("hasKey", "mk", 'b'), f("pluck", "kmm*", 'l'),
    w("keys", "mm*", 'l', "{} | sortAlpha"), w("values", "m", 'i', "{} | len"), f("pick", "mkk*", 'm'), f("omit", "mkk*", 'm'), f("merge", "Mmm*", 'a'),
    f("mustMerge", "Mm", 'a'), f("mergeOverwrite", "Mmm*", 'a'), f("mustMergeOverwrite", "Mm", 'a'), f("deepCopy", "a", 'a'), f("mustDeepCopy", "a", 'a'), f("dig", "kkam", 'a'),
    f("toYaml", "a", 's'), f("mustToYaml", "a", 's'), f("toYamlPretty", "a", 's'), f("fromYaml", "y", 'm'), f("fromYamlArray", "y", 'l'), f("toJson", "a", 's'),
    f("mustToJson", "a", 's'), f("toPrettyJson", "a", 's'), f("mustToPrettyJson", "a", 's'), f("toRawJson", "a", 's'), f("mustToRawJson", "a", 's'),
    f("fromJson", "j", 'm'), f("fromJsonArray", "j", 'l'), f("mustFromJson", "j", 'a'), f("toToml", "m", 's'), f("mustToToml", "m", 's'), w("fromToml", "t", 's', "hasKey {} \"Error\" | ternary \"error\" (toJson {})"),
    f("b64enc", "s", 's'), f("b64dec", "6", 's'), f("b32enc", "s", 's'), f("b32dec", "6", 's'),
    f("sha1sum", "s", 's'), f("sha256sum", "s", 's'), f("sha512sum", "s", 's'), f("adler32sum", "s", 's'),
    x("bcrypt", "s", 'i', "{} | len"), x("htpasswd", "ss", 'b', "{} | contains \":\""), f("decryptAES", "s6", 's'), w("encryptAES", "ss", 'i', "{} | len"),
    x("derivePassword", "Ssskk", 's', "{}"),
    f("regexMatch", "rs", 'b'), f("mustRegexMatch", "rs", 'b'), f("regexFindAll", "rsS", 'l'), f("mustRegexFindAll", "rsS", 'l'), f("regexFind", "rs", 's'),
    f("mustRegexFind", "rs", 's'), f("regexReplaceAll", "rss", 's'), f("mustRegexReplaceAll", "rss", 's'), f("regexReplaceAllLiteral", "rss", 's'),
    f("mustRegexReplaceAllLiteral", "rss", 's'), f("regexSplit", "rsS", 'l'), f("mustRegexSplit", "rsS", 'l'), f("regexQuoteMeta", "s", 's'),
    f("semver", "v", 'a'), f("semverCompare", "cv", 'b'), f("urlParse", "u", 'm'), f("urlJoin", "m", 's'),
    f("base", "s", 's'), f("dir", "s", 's'), f("clean", "s", 's'), f("ext", "s", 's'), f("isAbs", "s", 'b'), f("osBase", "s", 's'), f("osDir", "s", 's'),
    f("osClean", "s", 's'), f("osExt", "s", 's'), f("osIsAbs", "s", 'b'),
    w("now", "", 's', "{} | typeOf"), w("ago", "d", 's', "{} | kindOf"), w("date", "Ld", 's', "{}"), w("date_in_zone", "Ldz", 's', "{}"), w("dateInZone", "Ldz", 's', "{}"), w("htmlDate", "d", 's', "{}"),
    w("htmlDateInZone", "dz", 's', "{}"), f("date_modify", "Dd", 'a'), f("dateModify", "Dd", 'a'), f("must_date_modify", "Dd", 'a'), f("mustDateModify", "Dd", 'a'),
    f("toDate", "Ls", 'a'), f("mustToDate", "Ls", 'a'), f("unixEpoch", "d", 's'), f("duration", "a", 's'), f("durationRound", "D", 's'),
    w("randAlphaNum", "S", 'i', "{} | len"), w("randAlpha", "S", 'i', "{} | len"), w("randAscii", "S", 'i', "{} | len"), w("randNumeric", "S", 'i', "{} | len"),
    w("randBytes", "S", 'i', "{} | len"), w("randInt", "SS", 's', "{} | typeOf"), w("uuidv4", "", 'i', "{} | len"), w("shuffle", "s", 'i', "{} | len"),
    x("include", "ka", 's', "{}"), f("tpl", "sa", 's'), f("required", "sa", 'a'), x("fail", "s", 's', "{}"), f("lookup", "ssss", 'm'), f("getHostByName", "s", 's'),
    f("buildCustomCert", "66", 'a'), x("genPrivateKey", "K", 'b', "{} | contains \"PRIVATE KEY\""),
    x("genCA", "sS", 'b', PEM), x("genSelfSignedCert", "sggS", 'b', PEM), x("genSignedCert", "sggSA", 'b', PEM),
    x("genCAWithKey", "sSE", 'b', PEM), x("genSelfSignedCertWithKey", "sggSE", 'b', PEM), x("genSignedCertWithKey", "sggSAE", 'b', PEM),
];

/// Literals, or what is as good as one, by kind.
#[rustfmt::skip]
const LITERALS: &[(char, &[&str])] = &[
    ('i', &["0", "1", "2", "3", "5", "-1", "10", "63", "(int .Values.two)", "(len .Values.words)"]),
    ('S', &["0", "1", "2", "3", "4", "5", "7", "8", "12", "20"]),
    ('f', &["0.0", "1.5", "-2.5", "3.14159", ".Values.pi", ".Values.one", ".Values.neg", "1e10", "0.1"]),
    ('n', &["0", "1", "7", "-3", "2.5", "-0.5", "\"12\"", "\"1.5\"", "\"x\"", ".Values.one", ".Values.big", ".Values.pi", "true", "nil", ".Values.huge", "1e3", "0.1"]),
    ('b', &["true", "false", ".Values.yes", ".Values.no"]),
    ('l', &[".Values.words", ".Values.numbers", ".Values.mixed", ".Values.none", "(list 1 2 3)", "(list \"b\" \"a\")", "(until 4)", "(list)", "(list 1 \"a\" nil 2.5 true)", ".Values.people", "(splitList \",\" \"c,a,b\")"]),
    ('m', &[".Values.map", ".Values.other", ".Values.emptymap", "(dict \"a\" 1 \"b\" \"x\")", "(dict)", ".Values", "(dict \"c\" (dict \"d\" 2) \"l\" (list 1))", "(dict \"a\" nil \"z\" \"\")", "(.Values.missing)"]),
    // Maps to change, and values to put into them: never a map into itself, of which Helm dies.
    ('M', &[".Values.map", ".Values.other", ".Values.emptymap", "(dict \"a\" 1 \"b\" \"x\")", "(dict)", "(dict \"c\" (dict \"d\" 2) \"l\" (list 1))", "(dict \"a\" nil)", "(.Values.missing)", ".Values.map.c"]),
    ('B', &["1", "\"x\"", "nil", "(list 1 2)", "(dict \"n\" 1)", "true", "2.5", ".Values.words", ".Values.name", "(until 2)"]),
    ('k', &["\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"zz\"", "\"name\"", "\"\""]),
    ('r', &["\"a\"", "\"a+\"", "\"[a-c]\"", "\"^a\"", "\"(a)(b)?\"", "\"\\\\d+\"", "\"\\\\s\"", "\"\"", "\"a*\"", "\"(?i)HELLO\"", "\"x|y|\"", "\"[^a-z]+\"", "\".\"", "\"$\"", "\"\\\\bw\"", "\"(?P<n>o)\"", "\"[[:upper:]]\"", "\"\\\\w+?\"", "\"a{2}\"", "\"(?s).*\"", "\"\\\\pL\""]),
    ('d', &["0", "1683356889", "(toDate \"2006-01-02\" \"2023-05-06\")", "(toDate \"2006-01-02 15:04:05\" \"1999-12-31 23:59:59\")", "(int64 -86400)", "(toDate \"2006\" \"bad\")"]),
    ('p', &["\"%v\"", "\"%s\"", "\"%d\"", "\"%5.2f|%-8s|%08d\"", "\"%q %x\"", "\"%T\"", "\"%+v %#v\"", "\"%t\"", "\"%%\"", "\"%[2]v %[1]v\"", "\"%*d\"", "\"%s-%s\"", "\"%e %g\"", "\"%c %U\"", "\"plain\"", "\"%6.3v|\"", "\"% x %#x\"", "\"%z\"", "\"%-5v|%5v\"", "\"%+d\"", "\"%.3s\"", "\"%x %X %o %b\""]),
    ('v', &["\"1.2.3\"", "\"v1.2\"", "\"1.2.3-rc.1\"", "\"1.2.3+b\"", "\"2\"", "\"bad\"", "\"1.20.0\"", ".Values.version", ".Capabilities.KubeVersion.Version", "\"01.2.3\"", "\"1.2.3-0\"", "\"0.0.1\""]),
    ('c', &["\">=1.2\"", "\"^1.2.3\"", "\"~1.2\"", "\"1.x\"", "\">1 <2\"", "\"1.2 - 1.4\"", "\"!=1.2.3\"", "\"*\"", "\">=1.19-0\"", "\"bad\"", "\"<1.0 || >=1.2\"", "\"=1.2.3\"", "\"\"", "\"^0.0.1\"", "\">=1.2, <3\""]),
    ('u', &["\"http://h/p\"", "\"https://u:p@h:80/a%20b?q=1#f\"", "\"a/b\"", "\"mailto:x@y\"", "\"\"", "\"//h/p\"", "\"http://[::1]:80/\"", "\"?q\"", "\"#f\"", "\"a:b\"", "\"http://h/%zz\"", "\"http://a b/\"", ".Values.url", "\"HTTP://X/\"", "\"http://h?\"", "\"/p;a,b@c:d\""]),
    ('y', &["\"a: 1\"", "\"a: [1, 2]\\nb: {c: d}\"", "\"- x\\n- y\"", "\"\"", "\"bad: : :\"", "\"a: yes\\nb: 010\\nc: 1e3\\nd: ~\"", ".Values.yaml", "\"a: |\\n  x\\n  y\\n\"", "\"null\"", "\"5\"", "\"a: 'it''s'\\nb: \\\"x\\\\ty\\\"\"", "\"a: &x 1\\nb: *x\"", "\"a: 2020-01-02\\nb: 0x1F\\nc: .inf\"", "\"? a\\n: b\"", "\"1: a\\ntrue: b\"", "\"a: >\\n  x\\n  y\\n\\n  z\\n\""]),
    ('j', &["\"{\\\"a\\\":1}\"", "\"[1,\\\"b\\\",null]\"", "\"null\"", "\"5\"", "\"{\\\"a\\\":{\\\"b\\\":[true]}}\"", "\"\\\"x\\\\u00e9\\\"\"", "\"[1e400]\"", "\"{\\\"a\\\":1}x\"", ".Values.json", "\"1.5e3\"", "\" [] \""]),
    ('t', &["\"a = 1\"", "\"[b]\\nc = \\\"d\\\"\"", "\"\"", "\"bad\"", "\"a = [1, 2]\\nb = 1.5\\nc = true\"", ".Values.toml", "\"[[x]]\\na = 1\\n[[x]]\\na = 2\""]),
    ('L', &["\"2006-01-02\"", "\"Jan _2, 2006 at 3:04pm (MST)\"", "\"2006-01-02T15:04:05Z07:00\"", "\"Monday January 02 06 .000\"", "\"150405\"", "\"x\"", "\"\"", "\"002 __2 Z0700 -07\"", "\"2006-01-02 15:04:05\"", "\"Mon Jan 2 15:04:05.999 -0700 2006\""]),
    ('D', &["\"1h\"", "\"-90m\"", "\"1.5s\"", "\"bad\"", "\"72h3m0.5s\"", "\"100ms\"", "\"9000h\"", "\"0\"", "\"\"", "\"1h30\""]),
    ('z', &["\"UTC\"", "\"America/New_York\"", "\"Asia/Kolkata\"", "\"Local\"", "\"Nope\"", "\"\"", "\"Europe/Berlin\"", "\"utc\""]),
    ('6', &["\"aGVsbG8=\"", "\"\"", "\"!!\"", "\"NBSWY3DP\"", "\"YQ==\"", "\"YQ\"", ".Values.b64", "\"MZXW6===\"", "\"aGVs\\nbG8=\"", "\"30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=\""]),
    ('K', &["\"ecdsa\"", "\"ed25519\"", "\"ecdsa\"", "\"nope\""]),
    ('g', &["nil", "(list)", "(list \"10.0.0.1\")", "(list \"a.b\" \"c.d\")", "(list \"::1\")"]),
    ('E', &["(genPrivateKey \"ecdsa\")", "(genPrivateKey \"ed25519\")"]),
    ('A', &["(genCAWithKey \"ca\" 1 (genPrivateKey \"ecdsa\"))", "(genCAWithKey \"\" 9 (genPrivateKey \"ed25519\"))"]),
];

/// Literals that most functions refuse, by kind.
const REFUSED: &[(char, &[&str])] = &[
    ('v', &["\"bad\""]),
    ('c', &["\"bad\""]),
    ('r', &["\"(\"", "\"[\"", "\"a**\""]),
    ('u', &["\":bad\"", "\"http://h:port/\"", "\"http://h/%zz\"", "\"http://a b/\""]),
    ('j', &["\"bad\"", "\"{\\\"a\\\":1}x\"", "\"[1e400]\"", "\"\""]),
    ('E', &["\"bad\""]),
    ('g', &["(list 1)"]),
    ('S', &["-1", "-3"]),
];

fn of_kind(table: &'static [(char, &'static [&'static str])], kind: char) -> Option<&'static [&'static str]> {
    table.iter().find(|(known, _)| *known == kind).map(|(_, literals)| *literals)
}

/// A literal, or something as good as one.
pub(crate) fn literal(generator: &mut Generator, kind: char) -> String {
    if let Some(refused) = of_kind(REFUSED, kind).filter(|_| generator.random.chance(4)) {
        return (*generator.random.pick(refused)).to_owned();
    }
    match kind {
        's' => generator.string(),
        'a' => generator.any(1),
        _ => (*generator.random.pick(of_kind(LITERALS, kind).unwrap_or(&["nil"]))).to_owned(),
    }
}
