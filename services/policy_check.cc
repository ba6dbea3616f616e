// SPDX-License-Identifier: Apache-2.0
// Run by the build: fails it when the policy file misses a method of a service, or names one that
// does not exist.
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

#include <google/protobuf/descriptor.h>

#include "shodan/accountlink/v1/account_link_service.pb.h"
#include "shodan/automation/v1/automation_service.pb.h"
#include "shodan/calllink/v1/call_link_service.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.pb.h"
#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "libs/rpc/policy.h"

namespace {

std::set<std::string> MethodsOf(const google::protobuf::FileDescriptor& file) {
  std::set<std::string> methods;
  for (int i = 0; i < file.service_count(); ++i) {
    const google::protobuf::ServiceDescriptor& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      methods.insert("/" + service.full_name() + "/" + service.method(j)->name());
    }
  }
  return methods;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: policy_check POLICY_FILE\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  std::ostringstream text;
  text << file.rdbuf();
  const absl::StatusOr<shodan::rpc::Policy> policy = shodan::rpc::Policy::Parse(text.str());
  if (!policy.ok()) {
    std::cerr << argv[1] << ": " << policy.status().message() << "\n";
    return 1;
  }
  std::set<std::string> known;
  known.merge(MethodsOf(*shodan::tokenvault::v1::GetProfileRequest::descriptor()->file()));
  known.merge(MethodsOf(*shodan::calllink::v1::CallLink::descriptor()->file()));
  known.merge(MethodsOf(*shodan::accountlink::v1::GetLinkRequest::descriptor()->file()));
  known.merge(MethodsOf(*shodan::zoomapi::v1::GetMeetingRequest::descriptor()->file()));
  known.merge(MethodsOf(*shodan::automation::v1::IngestWebhookRequest::descriptor()->file()));
  int problems = 0;
  for (const std::string& method : known) {
    if (!policy->Lists(method)) {
      std::cerr << argv[1] << ": no rule for " << method << "\n";
      ++problems;
    }
  }
  for (const std::string& method : policy->methods()) {
    if (!known.contains(method)) {
      std::cerr << argv[1] << ": no such method: " << method << "\n";
      ++problems;
    }
  }
  return problems == 0 ? 0 : 1;
}
