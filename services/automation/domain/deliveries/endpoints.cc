// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/endpoints.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/projects/url_rules.h"
#include "services/automation/domain/deliveries/secret_sealing.h"
#include "services/automation/domain/deliveries/signature.h"

namespace shodan::automation {

std::string EndpointUrlProblem(std::string_view url) {
  return projects::UrlProblem(url, /*allow_http_on_loopback=*/false);
}

absl::StatusOr<IssuedEndpoint> Endpoints::Create(const std::string& project_id,
                                                 const std::string& url,
                                                 std::vector<std::string> event_types,
                                                 const Actor& actor, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Secret> key,
                          vault_.FindEndpointKey(project_id, deadline));
  Secret secret = NewEndpointSecret();
  NewEndpoint endpoint;
  endpoint.project_id = project_id;
  endpoint.endpoint_id = RandomUuid();
  endpoint.url = url;
  endpoint.event_types = std::move(event_types);
  std::sort(endpoint.event_types.begin(), endpoint.event_types.end());
  endpoint.secret = SealEndpointSecret(*key, project_id, secret);
  SHODAN_ASSIGN_OR_RETURN(Endpoint made, store_.Insert(endpoint, kEndpointsMax, actor, deadline));
  return IssuedEndpoint{std::move(made), std::move(secret)};
}

absl::StatusOr<Endpoint> Endpoints::Update(EndpointChange change, const Actor& actor,
                                           Deadline deadline) {
  if (change.event_types.has_value()) {
    std::sort(change.event_types->begin(), change.event_types->end());
  }
  return store_.Update(change, actor, deadline);
}

absl::StatusOr<IssuedEndpoint> Endpoints::Rotate(const std::string& project_id,
                                                 const std::string& endpoint_id,
                                                 std::chrono::seconds overlap, const Actor& actor,
                                                 Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(store_.Find(project_id, endpoint_id, deadline).status());
  SHODAN_ASSIGN_OR_RETURN(const std::shared_ptr<const Secret> key,
                          vault_.FindEndpointKey(project_id, deadline));
  Secret secret = NewEndpointSecret();
  const SealedSecret sealed = SealEndpointSecret(*key, project_id, secret);
  SHODAN_ASSIGN_OR_RETURN(Endpoint rotated,
                          store_.Rotate(project_id, endpoint_id, sealed, overlap, actor, deadline));
  return IssuedEndpoint{std::move(rotated), std::move(secret)};
}

}  // namespace shodan::automation
