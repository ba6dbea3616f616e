# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The help texts.

is_verb() {
  case $1 in
    up | down | status | test | faults | fmt | lint | build | audit | keys | ledger | import | rpc) ;;
    *) return 1 ;;
  esac
}

# help_for VERB: prints the help of a verb, or the overview.
help_for() {
  case ${1:-} in
    up) help_up ;;
    down) help_down ;;
    status) help_status ;;
    test) help_test ;;
    faults) help_faults ;;
    fmt) help_fmt ;;
    lint) help_lint ;;
    build) help_build ;;
    audit) help_audit ;;
    keys) help_keys ;;
    ledger) help_ledger ;;
    import) help_import ;;
    rpc) help_rpc ;;
    '') help_overview ;;
    *) usage_error "unknown verb '$1'" ;;
  esac
}

help_overview() {
  cat <<'TEXT'
Usage: deploy/dev VERB [OPTIONS]

  up       install what is missing, build, and run everything locally
  down     end what `up` started
  status   say what runs, where, and whether it is ready
  test     build once with sanitizers and run every test layer
  faults   hurt the real services and count what is lost, doubled, unexplained or resurrected
  fmt      format the C++ sources
  lint     static checks
  audit    check the audit trails, and say what each service did for a request
  keys     rotate the keys that seal tokens
  ledger   show the erasure ledger, and finish a restore of the database
  import   bring connections of another system here
  rpc      call a method of a running service

deploy/dev VERB --help tells more. Each verb is safe to repeat. Debian 12; as root, or with sudo.
TEXT
}

help_down() {
  cat <<'TEXT'
Usage: deploy/dev down

Ends exactly the processes that `deploy/dev up` of this checkout started, and waits for them. The data in
.local/ stays; remove that directory to begin anew.
TEXT
}

help_status() {
  cat <<'TEXT'
Usage: deploy/dev status [--json]

  --json   one line: {"running", "url", "zoomConfig", "services": [{"name", "port", "ready", "pid"}]};
           "port" is null for a service that does not run
TEXT
}

help_test() {
  cat <<'TEXT'
Usage: deploy/dev test [--layer unit|contract|integration|e2e]... [--sanitizer address|thread]

Installs what is missing, builds once with the address and undefined-behaviour sanitizers (build/asan), and runs
the layers on that build; without --layer, all four. The last line is "N passed, M failed, K skipped" over
everything. The status is not zero when a test failed or when a part of a layer ran nothing.

With --sanitizer thread (build/tsan) the C++ tests of the layers run under the thread sanitizer, one of them with a
race on purpose that has to be reported.

  unit          our code alone; the simulator, the web components and the test support
  contract      each fake and the real store behind the same suite
  integration   PostgreSQL, Redis and services over mutual TLS
  e2e           the whole stack, in a headless Chromium
TEXT
}

help_faults() {
  cat <<'TEXT'
Usage: deploy/dev faults [--scenario NAME]... [--quick] [--resume] [--seed SEED] [--json FILE]

Builds the services (release), runs them with PostgreSQL, Redis and the Zoom simulator, kills and disturbs them
while clients work, and compares what Zoom's ledger, the databases and the clients' history say. The status is 1 when
a bar is missed, 130 when the run was interrupted. tests/faults/README.md says what each scenario does.

  --scenario NAME   this scenario only; may be repeated
  --quick           small sizes, under three minutes; part of `deploy/dev test`
  --resume          go on with the full run that was interrupted: finished scenarios are not run again
  --seed SEED       repeat the random choices of a run; its first line tells the seed
  --json FILE       {"scenarios": [{"name", "mode", "seed", "faults", "lost", "doubled", "unexplained",
                    "resurrected", ...}]}, written after each scenario

Progress goes to standard error, with the time that is to be expected; the table of all results to standard output.
Ctrl-C ends everything that was started and keeps what was finished. About how long the scenarios take at full size on
two cores, in minutes:

  crash-points         3    one-exchange         3    invalid-client       2
  redis                1    postgres-restart     2    erasure-times        3
  canaries             1    store-network        3    postgres-disk-full   2
  system-calls         8    disconnect-races    25    postgres-failover    1
  kill-replicas       25    zoom-failures        2    backup-restore       1
  terminate-replicas   1    token-answers        2    key-rotation        12
  zoom-requests        5    rate-budget          3    request-escapes     45
TEXT
}

help_fmt() {
  cat <<'TEXT'
Usage: deploy/dev fmt [--check]

Formats the C++ sources with clang-format 19. With --check, changes nothing and fails if something would change.
TEXT
}

help_lint() {
  cat <<'TEXT'
Usage: deploy/dev lint

Checks the formatting, builds the lint preset (each header on its own, no precompiled headers) and runs clang-tidy.
TEXT
}

help_build() {
  cat <<'TEXT'
Usage: deploy/dev build PRESET [TARGET...]

Installs what is missing and builds a CMake preset (dev, asan, tsan, release, fuzz, lint) into build/PRESET.
TEXT
}

help_audit() {
  cat <<'TEXT'
Usage: deploy/dev audit verify [OPTIONS]

Checks the audit trails of the running local stack: that no record was changed, removed, inserted or moved since it was
written, that no seal is missing, and that what one service recorded about a link fits what the other did. Prints for
each request id what each service did, then what is wrong. The status is 1 when something is.

  --request ID             print only what was done for this request; everything is checked all the same
  --quiet                  print no requests
  --json                   one line: {"ok", "findings": [{"database", "kind", "chain", "position", "auditId", "detail"}],
                           "databases", "requests", "requestList"}
  --grace-seconds N        younger records may lack their counterpart in the other database; default 60
  --unsealed-seconds N     older records must be sealed; default 600
  --seal-key FILE          a former seal key, besides the present one; may be repeated

Findings: row_changed, row_missing, row_inserted, row_misplaced, chain_end_missing, chain_end_changed, seal_missing,
seal_changed, seal_key_unknown, unsealed, counterpart_missing. The newest seals of a good run are kept in .local/run, so
that the next run notices when a database has lost some since.
TEXT
}

help_keys() {
  cat <<'TEXT'
Usage: deploy/dev keys status [--json] | rotate [--tags] | retire [--tags]

The keys that seal tokens, of the running local stack; with --tags the key by which one Zoom user is told from another.
Everything goes on working meanwhile, and an interrupted command goes on when it is run again.

  status   the key epochs with the rows under each, when the next rotation is due or since when one is overdue, the tag
           versions, and what each replica has
  rotate   adds a key to the key-ring file, makes it primary once every replica has it, and waits until everything is
           sealed under it
  retire   closes the former key epochs, removes their keys from the key-ring file and records that they are gone:
           backups from before cannot be read any more

  rotate --tags   adds a tag key to the key-ring file, has every connection tagged with it as well once every replica has
                  it, then makes it the current one and replaces the former tags
  retire --tags   closes the former tag version and removes its key from the key-ring file. A backup of the database from
                  before the rotation needs that key to start: keep a copy as long as such backups, in another place
TEXT
}

help_ledger() {
  cat <<'TEXT'
Usage: deploy/dev ledger status [--json] | replay

The files outside the database that say which links were erased, of the running local stack. When the vault finds its
database restored to an earlier time, it serves nobody until these files are replayed; it does so by itself once every
replica that the database knows runs.

  status   whether a restore is under way, what each writer has filed, and who is awaited
  replay   replays the ledger directories that are there and declares the restore finished. A directory that is lost
           stays lost: erasures that only it knew are not repeated
TEXT
}

help_import() {
  cat <<'TEXT'
Usage: deploy/dev import FILE [--dry-run] [--report FILE] [--project ID]
       deploy/dev import key [--days N] [--out FILE] | keys [--json] | destroy KEY_ID
       deploy/dev import encrypt --import-key FILE < CONNECTIONS > FILE

Brings connections of another system here: users stay connected without authorizing again. Each token is proved by one
refresh, which replaces it at Zoom: from then on the other system's copy is dead. services/account-link/IMPORT.md tells
the whole way.

  key       makes a key pair in the vault, for a project and 7 days (--days, at most 30), and prints the public key (JWK);
            the private key never leaves the vault and is destroyed with it
  encrypt   encrypts connections, one JSON object a line with userId, refreshToken and, if need be, externalId, scopes,
            accessToken, expireTime, to that key
  FILE      the encrypted lines: {"userId", "envelope", "externalId"?, "scopes"?}. They are imported a few at a time, as
            fast as the vault lets them pass; what a passing reason held up is tried again for a minute
  keys      the project's keys, and how much was imported with each
  destroy   destroys a key before its time

  --dry-run       open each envelope and look whether it could be imported; Zoom is not asked, nothing is changed
  --report FILE   where the report goes, instead of standard output: a JSON object a line, {"line", "userId", "outcome",
                  "field"?, "reason"?}, in the order in which they are done, at the end {"totals", "complete"}
  --project ID    default: demo

Run it again with the same file as often as you like: what was imported is not touched again, the rest is tried. Ctrl-C
lets finish what is under way. The status is 0 when every line is imported, 130 after Ctrl-C, otherwise 1.

A service elsewhere (account-link for FILE, token-vault for the keys), with an operator's certificate:

  --address HOST:PORT   --ca FILE   --cert FILE   --key FILE   PEM files
  --server-name NAME    the name in the service's certificate, when HOST is not it
TEXT
}

help_rpc() {
  cat <<'TEXT'
Usage: deploy/dev rpc METHOD [JSON] [OPTIONS]
       deploy/dev rpc --list | METHOD --describe

Calls a method of a service of the running local stack and prints the answer as JSON. What there is to call the
services say themselves (gRPC reflection); services/policy.json says who may.

  METHOD          "GetLink", or in full "shodan.accountlink.v1.AccountLinkService/GetLink"
  JSON            the request as proto3 JSON; @FILE reads it from a file, - from standard input; default {}. A method that
                  takes a stream gets one message a line; one that answers a stream prints one a line
  --as IDENTITY   whose certificate: gateway, token-vault, call-link, account-link, zoom-api, automation or operator;
                  default: whom the policy file names first
  --user ID       who is vouched for where a method is called for a person; default: the request's userId
  --project ID    his project; default: the request's projectId
  --deadline S    seconds, default 10; a stream of answers without one goes on until Ctrl-C
  --request-id ID what the services' audit trails call the request; default: a new one
  --list          the methods, and who may call each
  --describe      a method's messages

A service elsewhere, with a certificate of one's own and without vouching for anybody:

  --address HOST:PORT   --ca FILE   --cert FILE   --key FILE   PEM files
  --server-name NAME    the name in the service's certificate, when HOST is not it
  --reveal              print sensitive fields too; on the local stack they always are

A refusal is printed to standard error (code, reason, text, then fields and metadata a line each) with status 1.

  deploy/dev rpc GetLink '{"projectId": "demo", "userId": "hanako.suzuki"}'
  deploy/dev rpc CreateMeeting '{"projectId": "demo", "userId": "hanako.suzuki", "requestId": "'"$(cat /proc/sys/kernel/random/uuid)"'",
    "meeting": {"topic": "Demo", "type": "MEETING_TYPE_INSTANT"}}'
TEXT
}

help_up() {
  cat <<'TEXT'
Usage: deploy/dev up [--detach] [--zoom-config FILE]

Installs missing packages, builds the services (release), makes a local certificate authority and keys, starts a
private PostgreSQL and Redis, applies the migrations, starts the Zoom simulator and every service, and prints the
address to open. Data, keys and logs are in .local/. No packaged service is started or enabled. Ctrl-C ends
everything. When all of it runs already with the same programs and settings, `up` says so and returns.

  --detach             return once everything is ready; `deploy/dev down` ends it
  --zoom-config FILE   use another OAuth server than the simulator: Zoom itself, or any other

The gateway listens on port 8443, or the next free one; all other ports are free ones, kept for the next time.

The file of --zoom-config is JSON. Relative file names in it are relative to it. Keys:

  client_id                  required
  client_secret_file         a file that holds the secret; required unless client_authentication is "none"
  client_authentication      "client_secret_basic" (default), "client_secret_post" or "none" (PKCE only)
  authorization_url          the four URLs default to Zoom's own when none of them is given; otherwise
  token_url                  authorization_url, token_url and profile_url are required, and without a
  profile_url                revocation_url nothing is revoked at the server. https, or plain http on a
  revocation_url             loopback address
  api_base_url               default: the origin of profile_url, or Zoom's API
  expected_scopes            list; a connection that lacks some is active and shows them as missing; default []
  request_scopes             list sent as the scope parameter; default [], which sends none, as Zoom wants it
  authorization_parameters   object of further parameters of the authorization request; default {}
  profile_pointers           where the profile answer holds what is needed, as JSON pointers (RFC 6901):
                             user_id (required), account_id, email, display_name, first_name, last_name;
                             default: those of Zoom's profile
  webhook_secret_file        a file with the secret token of the app's webhooks
  ca_file                    PEM file of the authorities to trust for this server; default: the system's
  gateway_port               the gateway's port, fixed because the redirect URL has it; default 8443

The redirect URL to register with the app is https://localhost:GATEWAY_PORT/oauth/callback; `up` prints it.
A complete example:

  {
    "authorization_url": "https://login.example.com/oauth/authorize",
    "token_url": "https://login.example.com/oauth/token",
    "revocation_url": "https://login.example.com/oauth/revoke",
    "profile_url": "https://api.example.com/v2/users/me",
    "api_base_url": "https://api.example.com/v2",
    "client_id": "5Xc7qYtVQZ2ydE6mQpTw",
    "client_secret_file": "client-secret.txt",
    "client_authentication": "client_secret_basic",
    "expected_scopes": ["user:read:user"],
    "request_scopes": [],
    "authorization_parameters": {"prompt": "consent"},
    "profile_pointers": {
      "user_id": "/id",
      "account_id": "/account_id",
      "email": "/email",
      "display_name": "/display_name",
      "first_name": "/first_name",
      "last_name": "/last_name"
    },
    "webhook_secret_file": "webhook-secret.txt",
    "ca_file": "authority.pem",
    "gateway_port": 8443
  }
TEXT
}
