// SPDX-License-Identifier: Apache-2.0
#include "libs/projects/projects.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/projects/url_rules.h"

namespace shodan::projects {
namespace {

constexpr size_t kMaxProjectId = 63;

// Parameters that the vault itself puts into the authorization request.
constexpr std::array<std::string_view, 7> kOwnParameters = {
    "client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type",
    "scope",     "state"};

bool IsProjectId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxProjectId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// RFC 6749 section 3.3: scope-token.
bool IsScope(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

// RFC 6901 section 3.
bool IsJsonPointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') continue;
    if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

std::string Indexed(std::string_view key, size_t index) {
  return Join(key, "[", std::to_string(index), "]");
}

// Reads the projects of one file and remembers what must not occur twice.
class Parser {
 public:
  explicit Parser(const ProjectsOptions& options) : options_(options) {}

  Project Read(ConfigReader& reader) {
    Project project;
    project.project_id = reader.String("project_id");
    if (!project.project_id.empty() && !IsProjectId(project.project_id)) {
      reader.AddProblem("project_id", "must be 1 to 63 of a to z, 0 to 9 and -");
    }
    Unique(project_ids_, reader, "project_id", project.project_id);
    project.display_name = reader.String("display_name");
    project.settings_url = Url(reader, "settings_url");
    project.origins = Origins(reader);
    std::vector<ConfigReader> issuers = reader.Objects("token_issuers");
    if (issuers.empty()) reader.AddProblem("token_issuers", "must list at least one issuer");
    std::set<std::string> names;
    for (ConfigReader& issuer : issuers) {
      project.token_issuers.push_back(ReadIssuer(issuer));
      Unique(names, issuer, "issuer", project.token_issuers.back().issuer);
    }
    ConfigReader zoom_app = reader.Object("zoom_app");
    project.zoom_app = ReadZoomApp(zoom_app);
    return project;
  }

 private:
  static void Unique(std::set<std::string>& seen, ConfigReader& reader, std::string_view key,
                     const std::string& value) {
    if (!value.empty() && !seen.insert(value).second) {
      reader.AddProblem(key, "occurs more than once in the file");
    }
  }

  void CheckUrl(ConfigReader& reader, std::string_view key, const std::string& url) const {
    if (url.empty()) return;
    const std::string problem = UrlProblem(url, options_.allow_http_on_loopback);
    if (!problem.empty()) reader.AddProblem(key, problem);
  }

  std::string Url(ConfigReader& reader, std::string_view key) const {
    std::string url = reader.String(key);
    CheckUrl(reader, key, url);
    return url;
  }

  std::optional<std::string> OptionalUrl(ConfigReader& reader, std::string_view key) const {
    if (!reader.Has(key)) return reader.OptionalString(key);
    return Url(reader, key);
  }

  std::vector<std::string> Origins(ConfigReader& reader) const {
    std::vector<std::string> origins = reader.Strings("origins");
    if (origins.empty()) reader.AddProblem("origins", "must list at least one origin");
    for (size_t i = 0; i < origins.size(); ++i) {
      const std::string problem = OriginProblem(origins[i], options_.allow_http_on_loopback);
      if (!problem.empty()) reader.AddProblem(Indexed("origins", i), problem);
    }
    return origins;
  }

  TokenIssuer ReadIssuer(ConfigReader& reader) const {
    TokenIssuer issuer;
    issuer.issuer = reader.String("issuer");
    issuer.audience = reader.String("audience");
    issuer.jwks_url = OptionalUrl(reader, "jwks_url");
    if (!issuer.jwks_url.has_value() && !reader.Has("jwks_file")) {
      reader.AddProblem("jwks_file", "is required where jwks_url is absent");
    }
    issuer.jwks = reader.TextFile("jwks_file", /*optional=*/true);
    issuer.user_claim = Claim(reader, "user_claim", issuer.user_claim);
    issuer.name_claim = Claim(reader, "name_claim", issuer.name_claim);
    issuer.role_claim = Claim(reader, "role_claim", issuer.role_claim);
    issuer.admin_role = reader.String("admin_role", "");
    return issuer;
  }

  static std::string Claim(ConfigReader& reader, std::string_view key, std::string_view standard) {
    std::string claim = reader.String(key, standard);
    if (claim.empty()) reader.AddProblem(key, "must not be empty");
    return claim;
  }

  ZoomApp ReadZoomApp(ConfigReader& reader) {
    ZoomApp app;
    app.client_id = reader.String("client_id");
    Unique(client_ids_, reader, "client_id", app.client_id);
    ReadCredentials(reader, app);
    app.authorization_url = Url(reader, "authorization_url");
    app.token_url = Url(reader, "token_url");
    app.revocation_url = OptionalUrl(reader, "revocation_url");
    app.profile_url = Url(reader, "profile_url");
    app.api_base_url = Url(reader, "api_base_url");
    while (app.api_base_url.ends_with('/')) app.api_base_url.pop_back();
    app.redirect_url = Url(reader, "redirect_url");
    app.expected_scopes = Scopes(reader, "expected_scopes");
    app.request_scopes = Scopes(reader, "request_scopes");
    app.authorization_parameters = Parameters(reader);
    if (reader.Has("profile_pointers")) {
      ConfigReader pointers = reader.Object("profile_pointers");
      app.profile_pointers = ReadPointers(pointers);
    } else {
      static_cast<void>(reader.Object("profile_pointers"));
    }
    return app;
  }

  void ReadCredentials(ConfigReader& reader, ZoomApp& app) const {
    const std::string method =
        reader.Choice("client_authentication",
                      {"client_secret_basic", "client_secret_post", "none"}, "client_secret_basic");
    const bool public_client = method == "none";
    app.client_authentication = public_client ? ClientAuthentication::kNone
                                : method == "client_secret_post"
                                    ? ClientAuthentication::kSecretPost
                                    : ClientAuthentication::kSecretBasic;
    if (public_client && reader.Has("client_secret_file")) {
      reader.AddProblem("client_secret_file", "must be absent with client_authentication none");
    }
    app.ca_file = reader.String("ca_file", "");
    if (!options_.read_secrets) {
      // Read as texts, which makes them known keys; the files stay closed.
      static_cast<void>(public_client ? reader.String("client_secret_file", "")
                                      : reader.String("client_secret_file"));
      static_cast<void>(reader.OptionalString("webhook_secret_file"));
      return;
    }
    app.client_secret = reader.SecretFile("client_secret_file", public_client);
    if (reader.Has("webhook_secret_file")) {
      app.webhook_secret = reader.SecretFile("webhook_secret_file");
    } else {
      static_cast<void>(reader.OptionalString("webhook_secret_file"));
    }
    static_cast<void>(reader.TextFile("ca_file", /*optional=*/true));
  }

  static std::vector<std::string> Scopes(ConfigReader& reader, std::string_view key) {
    std::vector<std::string> scopes = reader.Strings(key);
    for (size_t i = 0; i < scopes.size(); ++i) {
      if (!IsScope(scopes[i])) {
        reader.AddProblem(Indexed(key, i), "must be one scope: no spaces, quotes or backslashes");
      }
    }
    return scopes;
  }

  static std::vector<std::pair<std::string, std::string>> Parameters(ConfigReader& reader) {
    auto parameters = reader.StringMap("authorization_parameters");
    for (const auto& [name, value] : parameters) {
      if (std::find(kOwnParameters.begin(), kOwnParameters.end(), name) != kOwnParameters.end()) {
        reader.AddProblem(Join("authorization_parameters.", name), "is set by the vault itself");
      }
    }
    return parameters;
  }

  static ProfilePointers ReadPointers(ConfigReader& reader) {
    ProfilePointers pointers;
    const std::array<std::pair<std::string_view, std::string*>, 6> fields = {{
        {"user_id", &pointers.user_id},
        {"account_id", &pointers.account_id},
        {"email", &pointers.email},
        {"display_name", &pointers.display_name},
        {"first_name", &pointers.first_name},
        {"last_name", &pointers.last_name},
    }};
    for (const auto& [key, pointer] : fields) {
      *pointer = key == "user_id" ? reader.String(key) : reader.String(key, "");
      if (!pointer->empty() && !IsJsonPointer(*pointer)) {
        reader.AddProblem(key, "must be a JSON pointer such as /id");
      }
    }
    return pointers;
  }

  const ProjectsOptions options_;
  std::set<std::string> project_ids_;
  std::set<std::string> client_ids_;
};

}  // namespace

std::vector<Project> ParseProjects(ConfigReader& reader, const ProjectsOptions& options) {
  std::vector<ConfigReader> objects = reader.Objects("projects");
  if (objects.empty()) reader.AddProblem("projects", "must list at least one project");
  Parser parser(options);
  std::vector<Project> projects;
  projects.reserve(objects.size());
  for (ConfigReader& object : objects) projects.push_back(parser.Read(object));
  return projects;
}

absl::StatusOr<std::vector<Project>> LoadProjects(const std::string& path,
                                                  const ProjectsOptions& options) {
  SHODAN_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::FromFile(path));
  std::vector<Project> projects = ParseProjects(reader, options);
  SHODAN_RETURN_IF_ERROR(reader.Finish());
  return projects;
}

}  // namespace shodan::projects
