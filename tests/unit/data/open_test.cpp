#include "engine/data/open.h"

#include <gmock/gmock.h>

#include <fstream>

#include "engine/base/hash.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class OpenDataSet : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / "open_data_set" / test->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "images");
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }

  [[nodiscard]] std::string refusal(const std::string& source, const DataOptions& options) const {
    try {
      static_cast<void>(open_data_set(source, options));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Failure::never);
      return error.what();
    }
    return "accepted";
  }

  /// Two good samples; their pictures are stand-ins, since nothing decodes them here.
  void write_two() const {
    write("images/a.png", "picture a");
    write("images/b.png", "picture b");
    write("set.jsonl",
          "{\"id\": \"b\", \"image\": \"images/b.png\", \"caption\": \" a b \", \"kind\": 3}\n\n"
          "{\"id\": \"a\", \"image\": \"images/a.png\", \"caption\": \"an a\", \"kind\": \"x\"}\n");
  }

  fs::path root_;
};

TEST_F(OpenDataSet, KeepsTheOrderOfTheFile) {
  write_two();
  DataOptions options;
  options.group = "kind";
  const DataSet set = open_data_set(path("set.jsonl"), options);
  EXPECT_EQ(set.name, "set");
  ASSERT_EQ(set.rows(), 2);
  EXPECT_EQ(set.samples[0].id, "b");
  EXPECT_EQ(set.samples[0].caption, "a b");
  EXPECT_EQ(set.samples[0].group, "3");
  EXPECT_EQ(set.samples[1].group, "x");
  EXPECT_EQ(set.valid, (std::vector<uint8_t>{1, 1}));
  EXPECT_EQ(set.image_digests[0].size(), 64U);
}

TEST_F(OpenDataSet, HashCoversCaptionsPicturesAndGroups) {
  write_two();
  const auto hash = [&](const std::string& group) {
    DataOptions options;
    options.group = group;
    return open_data_set(path("set.jsonl"), options).hash;
  };
  const std::string before = hash("");
  EXPECT_EQ(before, hash(""));
  EXPECT_NE(before, hash("kind"));
  write("images/a.png", "picture A");
  const std::string picture = hash("");
  EXPECT_NE(before, picture);
  write("set.jsonl", "{\"id\": \"b\", \"image\": \"images/b.png\", \"caption\": \"c\"}\n");
  EXPECT_NE(picture, hash(""));
}

TEST_F(OpenDataSet, LimitTakesTheFirst) {
  write_two();
  DataOptions options;
  options.limit = 1;
  EXPECT_EQ(open_data_set(path("set.jsonl"), options).rows(), 1);
}

TEST_F(OpenDataSet, FolderIsSortedByName) {
  for (const char* stem : {"b", "a", "c"}) {
    write(std::string(stem) + ".png", stem);
    write(std::string(stem) + ".txt", std::string("caption of ") + stem + "\n");
  }
  write("README.md", "not a sample");
  const DataSet set = open_data_set(root_.string(), {});
  ASSERT_EQ(set.rows(), 3);
  EXPECT_EQ(set.samples[0].id, "a");
  EXPECT_EQ(set.samples[2].caption, "caption of c");
}

TEST_F(OpenDataSet, OnlyTheUsedModalityIsLookedAt) {
  write("set.jsonl", "{\"id\": \"a\", \"caption\": \"words\"}\n");
  DataOptions words;
  words.pictures = false;
  EXPECT_EQ(open_data_set(path("set.jsonl"), words).rows(), 1);
  EXPECT_THAT(refusal(path("set.jsonl"), {}), HasSubstr("picture missing"));
}

TEST_F(OpenDataSet, DuplicateIdNamesBothLines) {
  write_two();
  std::ofstream(path("set.jsonl"), std::ios::app)
      << "{\"id\": \"b\", \"image\": \"images/b.png\", \"caption\": \"again\"}\n";
  EXPECT_THAT(refusal(path("set.jsonl"), {}), HasSubstr("id b given twice: lines 1 and 4"));
}

TEST_F(OpenDataSet, BadSampleStopsWithLineIdAndReason) {
  write_two();
  fs::remove(root_ / "images/a.png");
  EXPECT_THAT(refusal(path("set.jsonl"), {}),
              AllOf(HasSubstr("set.jsonl line 3"), HasSubstr("sample a"),
                    HasSubstr("images/a.png: no such file")));
}

TEST_F(OpenDataSet, SkippedSampleKeepsItsRow) {
  write_two();
  DataOptions options;
  options.on_bad_sample = OnBadSample::skip;
  options.check_picture = [](std::span<const std::byte> bytes, const std::string& name) {
    expect(bytes.back() != std::byte{'b'}, "{}: broken", name);
  };
  const DataSet set = open_data_set(path("set.jsonl"), options);
  EXPECT_EQ(set.valid, (std::vector<uint8_t>{0, 1}));
  ASSERT_EQ(set.bad.size(), 1U);
  EXPECT_EQ(set.bad[0].id, "b");
  EXPECT_EQ(set.bad[0].reason, "images/b.png: broken");
  options.check_picture = nullptr;
  EXPECT_NE(set.hash, open_data_set(path("set.jsonl"), options).hash);
}

TEST_F(OpenDataSet, MissingCaptionIsBad) {
  write("images/a.png", "a");
  write("set.jsonl", "{\"id\": \"a\", \"image\": \"images/a.png\", \"caption\": \"  \"}\n");
  EXPECT_THAT(refusal(path("set.jsonl"), {}), HasSubstr("caption missing"));
}

TEST_F(OpenDataSet, PathsStayInside) {
  for (const char* image : {"../a.png", "/etc/a.png", "images/../../a.png"}) {
    write("set.jsonl",
          std::string("{\"id\": \"a\", \"caption\": \"x\", \"image\": \"") + image + "\"}\n");
    EXPECT_THAT(refusal(path("set.jsonl"), {}), HasSubstr("leaves the data set's folder"));
  }
}

/// Stands in for engine/audio: a frame a byte, and "bad" is no recording.
DataOptions listening() {
  DataOptions options;
  options.pictures = false;
  options.recordings = true;
  options.check_recording = [](std::span<const std::byte> bytes, const std::string& name) {
    expect(bytes.front() != std::byte{'-'}, "{}: spoiled", name);
    return RecordingSize{std::ssize(bytes), 16'000};
  };
  return options;
}

TEST_F(OpenDataSet, RecordingsStandBesidePicturesAndCaptions) {
  write("a.wav", "12345");
  write("b.FLAC", "123");
  write("set.jsonl",
        "{\"id\": \"a\", \"audio\": \"a.wav\", \"caption\": \"x\"}\n"
        "{\"id\": \"b\", \"audio\": \"b.FLAC\", \"caption\": \"y\"}\n");
  const DataSet set = open_data_set(path("set.jsonl"), listening());
  EXPECT_EQ(set.samples[1].audio, "b.FLAC");
  EXPECT_EQ(set.recordings[0], (RecordingSize{5, 16'000}));
  EXPECT_EQ(set.recordings[1], (RecordingSize{3, 16'000}));
  EXPECT_EQ(set.audio_digests[0].size(), 64U);
  write("a.wav", "12346");
  EXPECT_NE(open_data_set(path("set.jsonl"), listening()).hash, set.hash);
}

TEST_F(OpenDataSet, NobodyListeningLeavesTheHashAsItWas) {
  write_two();
  const std::string before = open_data_set(path("set.jsonl"), {}).hash;
  // Not looked at: neither a field that is no path, nor a file that is not there.
  write("set.jsonl",
        "{\"id\": \"b\", \"image\": \"images/b.png\", \"caption\": \"a b\", \"audio\": 3}\n"
        "{\"id\": \"a\", \"image\": \"images/a.png\", \"caption\": \"an a\", \"audio\": "
        "\"/nowhere.wav\"}\n");
  const DataSet set = open_data_set(path("set.jsonl"), {});
  EXPECT_EQ(set.hash, before);
  EXPECT_EQ(set.samples[1].audio, "");
  EXPECT_TRUE(set.recordings.empty());
}

TEST_F(OpenDataSet, AHashOfASetWithoutSoundIsForGood) {
  write("set.jsonl", "{\"id\": \"a\", \"caption\": \"words\"}\n");
  DataOptions words;
  words.pictures = false;
  Sha256 hash;
  hash.update("consilience-data/1\n[\"a\",\"words\",\"\",\"\",\"\",1]\n");
  EXPECT_EQ(open_data_set(path("set.jsonl"), words).hash, hash.hex());
}

TEST_F(OpenDataSet, BadRecordingsAreNamed) {
  const auto line = [&](const std::string& audio) {
    write("set.jsonl", "{\"id\": \"a\", \"caption\": \"x\", \"audio\": \"" + audio + "\"}\n");
    return refusal(path("set.jsonl"), listening());
  };
  write("bad.wav", "-");
  EXPECT_THAT(line("bad.wav"), AllOf(HasSubstr("set.jsonl line 1"), HasSubstr("sample a"),
                                     HasSubstr("bad.wav: spoiled")));
  EXPECT_THAT(line("nowhere.wav"), HasSubstr("nowhere.wav: no such file"));
  EXPECT_THAT(line("a.aiff"), HasSubstr("a.aiff: unknown extension, expected .wav, .flac"));
  EXPECT_THAT(line(""), HasSubstr("recording missing"));
  for (const char* outside : {"../a.wav", "/etc/a.wav", "x/../../a.wav"})
    EXPECT_THAT(line(outside), HasSubstr("the recording's path"));
}

TEST_F(OpenDataSet, ABadRecordingIsLeftOutInEveryModality) {
  write("bad.wav", "-");
  write("good.wav", "123");
  write("set.jsonl",
        "{\"id\": \"a\", \"caption\": \"x\", \"audio\": \"bad.wav\"}\n"
        "{\"id\": \"b\", \"caption\": \"y\", \"audio\": \"good.wav\"}\n");
  DataOptions options = listening();
  options.on_bad_sample = OnBadSample::skip;
  const DataSet set = open_data_set(path("set.jsonl"), options);
  EXPECT_EQ(set.valid, (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(set.bad[0].reason, "bad.wav: spoiled");
  EXPECT_EQ(set.audio_digests[0], "");
}

TEST_F(OpenDataSet, FoldersOfRecordings) {
  for (const char* stem : {"b", "a"}) {
    write(std::string(stem) + ".ogg", stem);
    write(std::string(stem) + ".txt", "words");
  }
  const DataSet set = open_data_set(root_.string(), listening());
  ASSERT_EQ(set.rows(), 2);
  EXPECT_EQ(set.samples[0].audio, "a.ogg");
  EXPECT_EQ(set.samples[0].caption, "words");
  write("c.m4a", "not left out silently");
  write("c.txt", "words");
  EXPECT_THAT(refusal(root_.string(), listening()), HasSubstr("c.m4a: unknown extension"));
  write("a.wav", "again");
  EXPECT_THAT(refusal(root_.string(), listening()), HasSubstr("have the same stem"));
}

TEST_F(OpenDataSet, WhateverIsThereIsLookedAt) {
  write("a.wav", "123");
  write("set.jsonl", "{\"id\": \"a\", \"audio\": \"a.wav\"}\n{\"id\": \"b\"}\n");
  DataOptions options = listening();
  options.pictures = true;
  options.recordings = false;
  options.whatever_is_there = true;
  options.on_bad_sample = OnBadSample::skip;
  const DataSet set = open_data_set(path("set.jsonl"), options);
  EXPECT_EQ(set.valid, (std::vector<uint8_t>{1, 0}));
  EXPECT_EQ(set.bad[0].reason, "recording missing");
}

TEST_F(OpenDataSet, MalformedLinesAreNamed) {
  write("set.jsonl", "{\"id\": \"a\"}\n{\"id\": \n");
  DataOptions options;
  options.pictures = options.captions = false;
  EXPECT_THAT(refusal(path("set.jsonl"), options), HasSubstr("line 2: not valid JSON"));
  write("set.jsonl", "{\"id\": 4}\n");
  EXPECT_THAT(refusal(path("set.jsonl"), options), HasSubstr("field id: expected a string"));
  write("set.jsonl", "{\"id\": \"a\"}\n");
  options.group = "kind";
  EXPECT_THAT(refusal(path("set.jsonl"), options), HasSubstr("field kind is missing"));
}

TEST_F(OpenDataSet, OtherKindsOfPicturesAreNotLeftOutSilently) {
  write("a.gif", "GIF89a");
  write("a.txt", "words");
  EXPECT_THAT(refusal(root_.string(), {}), HasSubstr("a.gif: unknown extension"));
}

TEST_F(OpenDataSet, SourcesThatAreNone) {
  write("set.jsonl", "\n");
  write("set.parquet", "x");
  DataOptions options;
  options.store = root_ / "store";
  EXPECT_THAT(refusal(path("set.jsonl"), options), HasSubstr("no samples"));
  EXPECT_THAT(refusal(path("set.parquet"), options), HasSubstr("unknown kind of file"));
  EXPECT_THAT(refusal(path("nothing"), options), HasSubstr("no such file or folder"));
  EXPECT_THAT(refusal("emoji-things", options), HasSubstr("tools/data/build_emoji.py --out"));
}

}  // namespace
}  // namespace consilience::engine
