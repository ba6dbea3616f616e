// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include "shodan/annotations/v1/annotations.pb.h"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::SourceLocation;

// Every proto of ours, built from protoc's descriptor set, with comments.
class Protos {
 public:
  Protos() {
    std::ifstream file(SHODAN_DESCRIPTOR_SET, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    REQUIRE(set.ParseFromIstream(&file));
    for (const auto& proto : set.file()) {
      const FileDescriptor* built = pool_.BuildFile(proto);
      REQUIRE(built != nullptr);
      if (proto.package().starts_with("shodan.")) files_.push_back(built);
    }
    REQUIRE(files_.size() >= 6);
  }

  const std::vector<const FileDescriptor*>& files() const { return files_; }

  void EachMessage(const std::function<void(const Descriptor&)>& visit) const {
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->message_type_count(); ++i) Visit(*file->message_type(i), visit);
    }
  }
  void EachField(const std::function<void(const FieldDescriptor&)>& visit) const {
    EachMessage([&](const Descriptor& message) {
      for (int i = 0; i < message.field_count(); ++i) visit(*message.field(i));
    });
  }
  void EachEnum(const std::function<void(const EnumDescriptor&)>& visit) const {
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->enum_type_count(); ++i) visit(*file->enum_type(i));
    }
  }
  void EachMethod(const std::function<void(const MethodDescriptor&)>& visit) const {
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->service_count(); ++i) {
        for (int j = 0; j < file->service(i)->method_count(); ++j) {
          visit(*file->service(i)->method(j));
        }
      }
    }
  }

 private:
  static void Visit(const Descriptor& message,
                    const std::function<void(const Descriptor&)>& visit) {
    visit(message);
    for (int i = 0; i < message.nested_type_count(); ++i) Visit(*message.nested_type(i), visit);
  }

  DescriptorPool pool_;
  std::vector<const FileDescriptor*> files_;
};

template <typename Thing>
std::string CommentOf(const Thing& thing) {
  SourceLocation location;
  return thing.GetSourceLocation(&location) ? location.leading_comments : "";
}

std::string UpperSnake(const std::string& camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += '_';
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string UpperCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

bool IsLowerSnake(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

TEST_CASE("every proto package is its folder and ends with its version", "[proto]") {
  const Protos protos;
  for (const FileDescriptor* file : protos.files()) {
    std::string folder = file->package();
    std::replace(folder.begin(), folder.end(), '.', '/');
    CHECK(file->name().starts_with(folder + "/"));
    CHECK(file->package().ends_with(".v1"));
  }
}

TEST_CASE("every service, method, message, field, enum and value says what it is", "[proto]") {
  const Protos protos;
  protos.EachMethod([](const MethodDescriptor& method) {
    INFO(method.full_name());
    CHECK_FALSE(CommentOf(method).empty());
    CHECK_FALSE(CommentOf(*method.service()).empty());
  });
  protos.EachMessage([](const Descriptor& message) {
    INFO(message.full_name());
    CHECK_FALSE(CommentOf(message).empty());
  });
  protos.EachField([](const FieldDescriptor& field) {
    INFO(field.full_name());
    CHECK_FALSE(CommentOf(field).empty());
  });
  protos.EachEnum([](const EnumDescriptor& type) {
    INFO(type.full_name());
    CHECK_FALSE(CommentOf(type).empty());
    for (int i = 0; i < type.value_count(); ++i) {
      INFO(type.value(i)->full_name());
      CHECK_FALSE(CommentOf(*type.value(i)).empty());
    }
  });
}

TEST_CASE("every method has request and response messages of its own", "[proto]") {
  const Protos protos;
  std::set<std::string> used;
  protos.EachMethod([&](const MethodDescriptor& method) {
    INFO(method.full_name());
    CHECK(method.service()->name().ends_with("Service"));
    CHECK(method.input_type()->name() == method.name() + "Request");
    CHECK(method.output_type()->name() == method.name() + "Response");
    CHECK(used.insert(method.input_type()->full_name()).second);
    CHECK(used.insert(method.output_type()->full_name()).second);
  });
  CHECK_FALSE(used.empty());
}

TEST_CASE("a method that streams bodies both ways sends a head and then bounded chunks",
          "[proto]") {
  const Protos protos;
  std::set<std::string> streaming;
  protos.EachMethod([&](const MethodDescriptor& method) {
    INFO(method.full_name());
    if (!method.client_streaming()) return;
    streaming.insert(method.name());
    CHECK(method.server_streaming());
    for (const Descriptor* message : {method.input_type(), method.output_type()}) {
      REQUIRE(message->oneof_decl_count() == 1);
      CHECK(message->oneof_decl(0)->field_count() == message->field_count());
      CHECK(message->FindFieldByName("head") != nullptr);
      const FieldDescriptor* chunk = message->FindFieldByName("chunk");
      REQUIRE(chunk != nullptr);
      CHECK(CommentOf(*chunk).find("1 to 65,536") != std::string::npos);
    }
  });
  CHECK(streaming == std::set<std::string>{"SendRequest"});
}

TEST_CASE("where only the server streams, the method says how a caller goes on after its end",
          "[proto]") {
  const Protos protos;
  std::set<std::string> streaming;
  protos.EachMethod([&](const MethodDescriptor& method) {
    INFO(method.full_name());
    if (!method.server_streaming() || method.client_streaming()) return;
    streaming.insert(method.name());
    CHECK(method.name().starts_with("Watch"));
    const FieldDescriptor* from = method.input_type()->FindFieldByName("resume_token");
    REQUIRE(from != nullptr);
    CHECK(CommentOf(*from).find("at most") != std::string::npos);
    const FieldDescriptor* event = method.output_type()->FindFieldByName("event");
    REQUIRE(event != nullptr);
    REQUIRE(event->message_type() != nullptr);
    CHECK(event->message_type()->FindFieldByName("resume_token") != nullptr);
    CHECK(event->message_type()->FindFieldByName("kind") != nullptr);
    const std::string comment = CommentOf(method);
    for (const char* word : {"heartbeat", "maximum age", "SERVER_DRAINING", "RESUME_TOKEN_EXPIRED",
                             "TOO_MANY_STREAMS"}) {
      INFO(word);
      CHECK((comment.find(word) != std::string::npos ||
             comment.find(UpperCase(word)) != std::string::npos));
    }
  });
  CHECK(streaming == std::set<std::string>{"WatchLinks"});
}

TEST_CASE("enum values carry the enum's name and begin with UNSPECIFIED", "[proto]") {
  const Protos protos;
  protos.EachEnum([](const EnumDescriptor& type) {
    const std::string prefix = UpperSnake(type.name()) + "_";
    for (int i = 0; i < type.value_count(); ++i) {
      INFO(type.value(i)->full_name());
      CHECK(type.value(i)->name().starts_with(prefix));
    }
    REQUIRE(type.value_count() > 0);
    CHECK(type.value(0)->number() == 0);
    CHECK(type.value(0)->name() == prefix + "UNSPECIFIED");
  });
}

TEST_CASE("fields are lower_snake_case, times are Timestamps named _time", "[proto]") {
  // Zoom takes it as UTC or as a local time in a time zone: no Timestamp says both.
  constexpr char kLocalTime[] = "shodan.zoomapi.v1.Meeting.start_time";
  const Protos protos;
  protos.EachField([&](const FieldDescriptor& field) {
    INFO(field.full_name());
    CHECK(IsLowerSnake(field.name()));
    if (field.full_name() == kLocalTime) return;
    const bool timestamp = field.message_type() != nullptr &&
                           field.message_type()->full_name() == "google.protobuf.Timestamp";
    CHECK(timestamp == field.name().ends_with("_time"));
  });
}

TEST_CASE("list methods are paged with a documented bound", "[proto]") {
  const Protos protos;
  int lists = 0;
  protos.EachMethod([&](const MethodDescriptor& method) {
    if (!method.name().starts_with("List")) return;
    ++lists;
    INFO(method.full_name());
    const FieldDescriptor* size = method.input_type()->FindFieldByName("page_size");
    REQUIRE(size != nullptr);
    CHECK(CommentOf(*size).find("1 to ") != std::string::npos);
    const bool token = method.input_type()->FindFieldByName("page_token") != nullptr &&
                       method.output_type()->FindFieldByName("next_page_token") != nullptr;
    const bool position = method.input_type()->FindFieldByName("after_event_id") != nullptr;
    // AIP-158's skip, where callers count pages; its bound is the bound of what it costs.
    const FieldDescriptor* skip = method.input_type()->FindFieldByName("skip");
    const bool skips = skip != nullptr && CommentOf(*skip).find("0 to ") != std::string::npos;
    CHECK((token || position || skips));
  });
  CHECK(lists >= 4);
}

TEST_CASE("fields that hold secrets or Zoom's personal data are marked sensitive", "[proto]") {
  const Protos protos;
  const std::set<std::string> expected = {
      "shodan.tokenvault.v1.StartAuthorizationResponse.ticket",
      "shodan.tokenvault.v1.RedeemTicketRequest.ticket",
      "shodan.tokenvault.v1.ResolveIdentityRequest.zoom_account_id",
      "shodan.tokenvault.v1.ResolveIdentityRequest.zoom_user_id",
      "shodan.accountlink.v1.AuthenticateApiKeyRequest.text",
      "shodan.accountlink.v1.CreateApiKeyResponse.text",
      "shodan.accountlink.v1.RotateApiKeyResponse.text",
      "shodan.accountlink.v1.CreateConnectSessionResponse.session_secret",
      "shodan.accountlink.v1.GetConnectSessionRequest.session_secret",
      "shodan.accountlink.v1.DeleteConnectSessionRequest.session_secret",
      "shodan.accountlink.v1.DeauthorizeRequest.zoom_account_id",
      "shodan.accountlink.v1.DeauthorizeRequest.zoom_user_id",
      "shodan.tokenvault.v1.RedeemTicketResponse.Redirect.authorization_url",
      "shodan.tokenvault.v1.RedeemTicketResponse.Redirect.cookie_value",
      "shodan.tokenvault.v1.ExchangeCodeRequest.state",
      "shodan.tokenvault.v1.ExchangeCodeRequest.cookie_value",
      "shodan.tokenvault.v1.ExchangeCodeRequest.code",
      "shodan.tokenvault.v1.GetAccessTokenResponse.access_token",
      "shodan.tokenvault.v1.GetAccessTokenResponse.account_tag",
      "shodan.tokenvault.v1.UpdateZoomAppRequest.client_secret",
      "shodan.tokenvault.v1.UpdateZoomAppRequest.webhook_secret",
      "shodan.tokenvault.v1.TestZoomAppRequest.client_secret",
      "shodan.accountlink.v1.ConnectionToImport.envelope",
      "shodan.tokenvault.v1.ImportGrantRequest.envelope",
      "shodan.tokenvault.v1.Profile.display_name",
      "shodan.tokenvault.v1.Profile.email",
      "shodan.automation.v1.EventMeeting.meeting_id",
      "shodan.automation.v1.EventMeeting.uuid",
      "shodan.automation.v1.EventMeeting.host_id",
      "shodan.automation.v1.EventMeeting.topic",
      "shodan.automation.v1.EventMeeting.join_url",
      "shodan.automation.v1.EventMeeting.password",
      "shodan.automation.v1.EventRegistrant.registrant_id",
      "shodan.automation.v1.EventRegistrant.email",
      "shodan.automation.v1.EventRegistrant.first_name",
      "shodan.automation.v1.EventRegistrant.last_name",
      "shodan.automation.v1.EventRegistrant.join_url",
      "shodan.automation.v1.EventParticipant.participant_id",
      "shodan.automation.v1.EventParticipant.zoom_user_id",
      "shodan.automation.v1.EventParticipant.participant_uuid",
      "shodan.automation.v1.EventParticipant.display_name",
      "shodan.automation.v1.EventParticipant.email",
      "shodan.automation.v1.EventParticipant.registrant_id",
      "shodan.automation.v1.EventParticipant.leave_reason",
      "shodan.automation.v1.EventRecordingFile.file_id",
      "shodan.automation.v1.EventRecordingFile.download_url",
      "shodan.automation.v1.EventRecordingFile.play_url",
      "shodan.automation.v1.TriggerEvent.share_url",
      "shodan.automation.v1.IngestWebhookRequest.body",
      "shodan.automation.v1.IngestWebhookResponse.challenge_answer",
      "shodan.automation.v1.CreateWebhookEndpointResponse.secret",
      "shodan.automation.v1.RotateWebhookEndpointSecretResponse.secret",
      "shodan.tokenvault.v1.VerifyWebhookRequest.body",
      "shodan.tokenvault.v1.VerifyWebhookResponse.Challenge.encrypted_token",
      "shodan.tokenvault.v1.VerifyWebhookResponse.inbox_key",
      "shodan.tokenvault.v1.GetInboxKeyResponse.inbox_key",
      "shodan.tokenvault.v1.GetWebhookEndpointKeyResponse.webhook_endpoint_key",
      "shodan.tokenvault.v1.GetLinkDataKeyResponse.link_data_key",
      "shodan.zoomapi.v1.CustomQuestion.title",
      "shodan.zoomapi.v1.CustomQuestion.value",
      "shodan.zoomapi.v1.HeaderField.value",
      "shodan.zoomapi.v1.Meeting.agenda",
      "shodan.zoomapi.v1.Meeting.host_email",
      "shodan.zoomapi.v1.Meeting.host_id",
      "shodan.zoomapi.v1.Meeting.join_url",
      "shodan.zoomapi.v1.Meeting.password",
      "shodan.zoomapi.v1.Meeting.registration_url",
      "shodan.zoomapi.v1.Meeting.settings",
      "shodan.zoomapi.v1.Meeting.start_url",
      "shodan.zoomapi.v1.Meeting.topic",
      "shodan.zoomapi.v1.Registrant.comments",
      "shodan.zoomapi.v1.Registrant.email",
      "shodan.zoomapi.v1.Registrant.first_name",
      "shodan.zoomapi.v1.Registrant.job_title",
      "shodan.zoomapi.v1.Registrant.join_url",
      "shodan.zoomapi.v1.Registrant.last_name",
      "shodan.zoomapi.v1.Registrant.org",
      "shodan.zoomapi.v1.Registrant.phone",
      "shodan.zoomapi.v1.Registrant.registrant_id",
      "shodan.zoomapi.v1.RequestHead.path",
      "shodan.zoomapi.v1.RequestHead.query",
      "shodan.zoomapi.v1.SendRequestRequest.chunk",
      "shodan.zoomapi.v1.SendRequestResponse.chunk"};
  std::set<std::string> marked;
  protos.EachField([&](const FieldDescriptor& field) {
    // The options were parsed without knowing the extension: ask the generated registry.
    google::protobuf::FieldOptions options;
    REQUIRE(options.ParseFromString(field.options().SerializeAsString()));
    if (options.GetExtension(shodan::annotations::v1::sensitive)) marked.insert(field.full_name());
  });
  CHECK(marked == expected);
}

TEST_CASE("only the vault's messages have a field for a token", "[proto]") {
  const Protos protos;
  protos.EachField([](const FieldDescriptor& field) {
    if (field.name().find("token") == std::string::npos) return;
    const bool page = field.name() == "page_token" || field.name() == "next_page_token" ||
                      field.name() == "resume_token";
    const bool issuer = field.full_name() == "shodan.accountlink.v1.Project.token_issuers";
    INFO(field.full_name());
    CHECK((page || issuer || field.file()->package() == "shodan.tokenvault.v1"));
  });
}
