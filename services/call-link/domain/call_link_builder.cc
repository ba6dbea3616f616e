// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/call_link_builder.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "phonenumbers/logger.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"
#include "services/call-link/domain/errors.h"
#include "services/call-link/domain/refusals.h"
#include "services/call-link/domain/regions.h"

namespace shodan::calllink {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;

constexpr char kCallScheme[] = "zoomphonecall://";
constexpr char kTelScheme[] = "tel:";
/// What libphonenumber calls the region of numbers with a country code of their own.
constexpr char kNoRegion[] = "ZZ";

const PhoneNumberUtil& LoadLibrary() {
  static PhoneNumberUtil* const library = [] {
    PhoneNumberUtil* const loaded = PhoneNumberUtil::GetInstance();
    loaded->SetLogger(new i18n::phonenumbers::NullLogger());  // takes ownership
    return loaded;
  }();
  return *library;
}

// Plus sign and 5 to 15 digits, the first not 0.
bool LooksLikeE164(std::string_view text) {
  return text.size() > kE164DigitsMin && text.size() <= kE164DigitsMax + 1 && text[0] == '+' &&
         text[1] >= '1' && text[1] <= '9' &&
         std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

std::string NationalDigits(const PhoneNumberUtil& numbers,
                           const i18n::phonenumbers::PhoneNumber& number) {
  std::string digits;
  numbers.GetNationalSignificantNumber(number, &digits);
  return digits;
}

bool IsKnown(const CallLink& link) {
  return std::ranges::none_of(link.notices, [](const Notice& notice) {
    return notice.reason == kNumberOutsideKnownRanges;
  });
}

void AddExtension(const std::string& extension, CallLink& link) {
  link.extension = extension;
  link.tel_uri += Join(";ext=", extension);
  link.notices.push_back(
      {std::string(kExtensionNotDialled),
       Join("Only the main number is dialled; when it answers, enter the extension ", extension,
            ".")});
}

}  // namespace

CallLinkBuilder::CallLinkBuilder(size_t cached_links_max)
    : numbers_(LoadLibrary()), cache_(cached_links_max) {
  numbers_.GetSupportedRegions(&regions_);
  for (const std::string& region : regions_) {
    for (const auto type : {PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::MOBILE}) {
      PhoneNumber example;
      if (numbers_.GetExampleNumberForType(region, type, &example) &&
          example.italian_leading_zero()) {
        leading_zero_country_codes_.insert(example.country_code());
      }
    }
  }
}

absl::StatusOr<CallLink> CallLinkBuilder::Build(std::string_view number,
                                                std::string_view default_region) const {
  if (number.size() > kNumberBytesMax) {
    return InvalidArgument(kNumberTooLong,
                           "The text is longer than 250 bytes; write one phone number.");
  }
  SHODAN_ASSIGN_OR_RETURN(const std::string region, ReadRegion(default_region));
  const std::string key = LooksLikeE164(number) ? std::string(number) : Join(region, ":", number);
  if (const auto cached = cache_.Find(key); cached != nullptr) return *cached;

  SHODAN_ASSIGN_OR_RETURN(CallLink link, BuildFresh(number, region));
  // Whether an unknown number is refused can depend on the region, so it is decided each time.
  if (IsKnown(link)) cache_.Store(key, std::make_shared<const CallLink>(link));
  return link;
}

absl::StatusOr<std::string> CallLinkBuilder::ReadRegion(std::string_view default_region) const {
  std::string region(default_region);
  std::ranges::transform(region, region.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (!region.empty() && !regions_.contains(region)) {
    return InvalidArgument(kNumberRegionInvalid,
                           "The default region is not a country that is known here; give its ISO "
                           "3166-1 alpha-2 code, for example JP.");
  }
  return region;
}

absl::StatusOr<CallLink> CallLinkBuilder::BuildFresh(std::string_view input,
                                                     const std::string& region) const {
  SHODAN_ASSIGN_OR_RETURN(const NumberText text, ReadNumberText(input));
  PhoneNumber number;
  absl::StatusOr<std::shared_ptr<const CallLink>> canonical = nullptr;
  if (absl::Status understood = Understand(text, region, number); understood.ok()) {
    canonical = Canonical(text, number);
  } else {
    canonical = std::move(understood);
  }
  const bool known = canonical.ok() && IsKnown(**canonical);
  if (IsEmergency(text, region, number, known)) return EmergencyRefusal();
  if (text.has_letters && !(known && MayBeWrittenAsWord(number))) {
    return InvalidArgument(kNumberNotANumber, "There are letters in it; write digits only.");
  }
  if (!canonical.ok()) return canonical.status();
  CallLink link = **canonical;
  if (!text.extension.empty()) AddExtension(text.extension, link);
  return link;
}

absl::Status CallLinkBuilder::Understand(const NumberText& text, const std::string& region,
                                         PhoneNumber& number) const {
  if (!text.international && region.empty()) return RegionRequiredRefusal();
  const std::string input = text.international ? Join("+", text.digits) : text.digits;
  const PhoneNumberUtil::ErrorType error =
      numbers_.Parse(input, region.empty() ? kNoRegion : region, &number);
  SHODAN_RETURN_IF_ERROR(RefusalOf(error, text.international, region));
  const std::string digits = NationalDigits(numbers_, number);
  if (digits.starts_with("00")) {
    return InvalidArgument(kNumberUnknownCountryCode,
                           "00 does not start an international number here; write + and the "
                           "country code, for example +81 3-1234-5678.");
  }
  SHODAN_RETURN_IF_ERROR(RefusalOf(numbers_.IsPossibleNumberWithReason(number), number, region));
  const size_t size = std::to_string(number.country_code()).size() + digits.size();
  if (size > kE164DigitsMax) return TooManyDigitsRefusal("");
  if (size < kE164DigitsMin) return TooShortRefusal("");
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CallLink>> CallLinkBuilder::Canonical(
    const NumberText& text, const PhoneNumber& number) const {
  std::string e164;
  numbers_.Format(number, PhoneNumberUtil::E164, &e164);
  const std::string_view e164_digits = std::string_view(e164).substr(1);
  if (!text.international || text.digits != e164_digits) {
    if (auto cached = cache_.Find(e164); cached != nullptr) return cached;
    PhoneNumber again;
    if (numbers_.Parse(e164, kNoRegion, &again) != PhoneNumberUtil::NO_PARSING_ERROR ||
        NationalDigits(numbers_, again) != NationalDigits(numbers_, number) ||
        again.country_code() != number.country_code()) {
      // The digits read one way at home and another way with the country code: dialling would
      // guess.
      return RefusalOf(PhoneNumberUtil::INVALID_LENGTH, number, "");
    }
  }
  auto link = std::make_shared<const CallLink>(Describe(number, e164));
  if (IsKnown(*link)) {
    cache_.Store(e164, link);
  } else {
    SHODAN_RETURN_IF_ERROR(CheckUnknownRange(number));
  }
  return link;
}

CallLink CallLinkBuilder::Describe(const PhoneNumber& number, std::string e164) const {
  CallLink link;
  link.call_uri = Join(kCallScheme, e164);
  link.tel_uri = Join(kTelScheme, e164);
  link.e164 = std::move(e164);
  numbers_.Format(number, PhoneNumberUtil::NATIONAL, &link.national_format);
  numbers_.Format(number, PhoneNumberUtil::INTERNATIONAL, &link.international_format);
  std::string region;
  numbers_.GetRegionCodeForNumber(number, &region);
  if (!numbers_.IsValidNumberForRegion(number, region)) {
    link.notices.push_back({std::string(kNumberOutsideKnownRanges),
                            "This number is not in a range that is known to be in use; check it "
                            "before you call."});
  }
  if (regions_.contains(region)) link.region_code = std::move(region);
  return link;
}

absl::Status CallLinkBuilder::CheckUnknownRange(const PhoneNumber& number) const {
  if (number.italian_leading_zero() &&
      !leading_zero_country_codes_.contains(number.country_code())) {
    return InvalidArgument(kNumberImpossibleLength,
                           Join("Numbers of the country +", std::to_string(number.country_code()),
                                " do not begin with 0; if this is a number of another country, "
                                "write it with + and that country's code."));
  }
  if (short_codes_.IsShortCode(number)) {
    return InvalidArgument(kNumberTooShort,
                           "This is a short code that only works inside its country's networks; "
                           "write a full phone number.");
  }
  return absl::OkStatus();
}

bool CallLinkBuilder::IsEmergency(const NumberText& text, const std::string& region,
                                  const PhoneNumber& number, bool known) const {
  if (!text.international && short_codes_.IsEmergency(text.digits, region)) return true;
  const bool understood = number.has_national_number();
  const std::string digits = understood ? NationalDigits(numbers_, number) : std::string();
  if (understood && (short_codes_.IsEmergency(digits, region) ||
                     short_codes_.IsEmergencyOfCountry(number.country_code(), digits))) {
    return true;
  }
  if (known) return false;
  if (!text.international && short_codes_.BeginsWithEmergency(text.digits, region)) return true;
  if (understood && short_codes_.BeginsWithEmergency(digits, ProbableRegion(number, region))) {
    return true;
  }
  return short_codes_.IsEmergencyBehindCountryCode(text.digits);
}

bool CallLinkBuilder::MayBeWrittenAsWord(const PhoneNumber& number) const {
  // Numbers are advertised as words where calling them is free or cheap; elsewhere letters are
  // somebody's remark, and dialling a remark would call a stranger.
  switch (numbers_.GetNumberType(number)) {
    case PhoneNumberUtil::TOLL_FREE:
    case PhoneNumberUtil::SHARED_COST:
    case PhoneNumberUtil::UAN:
      return true;
    default:
      return false;
  }
}

}  // namespace shodan::calllink
