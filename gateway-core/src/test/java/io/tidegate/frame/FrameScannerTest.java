package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.testkit.WireFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameScannerTest {

    private static final FrameLimits NONE = FrameLimits.NONE;

    @Nested
    class Masking {

        @Test
        void clientsFramesMustBeMasked() {
            for (int opcode : new int[] {WireFrame.TEXT, WireFrame.BINARY, WireFrame.CLOSE, 0x9, 0xA}) {
                FrameScanner scanner = scan(Sender.CLIENT, WireFrame.of(opcode, 2));
                assertProtocolError(scanner, "unmasked frame from the client (expected: masked)");
            }
        }

        @Test
        void serversFramesMustNotBeMasked() {
            for (int opcode : new int[] {WireFrame.TEXT, WireFrame.BINARY, WireFrame.CLOSE, 0x9, 0xA}) {
                FrameScanner scanner =
                        scan(Sender.SERVER, WireFrame.of(opcode, 2).masked(1));
                assertProtocolError(scanner, "masked frame from the server (expected: unmasked)");
            }
        }

        @ParameterizedTest
        @EnumSource
        void rightlyMaskedFramesPass(Sender sender) {
            FrameScanner scanner = scan(sender, WireFrame.text("hello").by(sender));

            assertRight(scanner, 1, 1, 5);
        }

        @Test
        void oneWrongFrameBehindRightOnesIsFound() {
            FrameScanner scanner = scan(
                    Sender.CLIENT,
                    WireFrame.text("a").masked(5),
                    WireFrame.text("b").masked(6),
                    WireFrame.text("c"));

            assertProtocolError(scanner, "unmasked frame from the client (expected: masked)");
            assertThat(scanner.frames()).isEqualTo(2);
            assertThat(scanner.boundary()).isEqualTo(2 * (2 + 4 + 1));
        }
    }

    @Nested
    class ReservedBits {

        @ParameterizedTest
        @EnumSource
        void rsv1NeedsANegotiatedExtension(Sender sender) {
            assertProtocolError(
                    scan(sender, WireFrame.text("x").rsv(1).by(sender)),
                    "RSV1 set without a negotiated extension (expected: 0)");
        }

        @ParameterizedTest
        @EnumSource
        void rsv1MarksACompressedMessageInItsFirstFrame(Sender sender) {
            assertRight(
                    scanCompressed(
                            sender,
                            WireFrame.text("x").rsv(1).by(sender),
                            WireFrame.of(WireFrame.BINARY, 3).rsv(1).fragment().by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 3).by(sender)),
                    3,
                    2,
                    7);
        }

        @ParameterizedTest
        @EnumSource
        void withCompressionAMessageMayStillBeSentUncompressed(Sender sender) {
            assertRight(scanCompressed(sender, WireFrame.text("x").by(sender)), 1, 1, 1);
        }

        @ParameterizedTest
        @EnumSource
        void rsv1OnAContinuationIsWrongEvenWithCompression(Sender sender) {
            assertProtocolError(
                    scanCompressed(
                            sender,
                            WireFrame.text("x").rsv(1).fragment().by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 1).rsv(1).by(sender)),
                    "RSV1 set on a control or continuation frame (expected: 0)");
        }

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.CLOSE, WireFrame.PING, WireFrame.PONG})
        void rsv1OnAControlFrameIsWrongEvenWithCompression(int opcode) {
            for (Sender sender : Sender.values()) {
                assertProtocolError(
                        scanCompressed(sender, WireFrame.of(opcode, 0).rsv(1).by(sender)),
                        "RSV1 set on a control or continuation frame (expected: 0)");
            }
        }

        @ParameterizedTest
        @CsvSource({"2, true", "2, false", "3, true", "3, false"})
        void rsv2AndRsv3AreAlwaysWrong(int bit, boolean compressed) {
            for (Sender sender : Sender.values()) {
                for (int opcode : new int[] {WireFrame.TEXT, WireFrame.BINARY, WireFrame.CLOSE, 0x9, 0xA}) {
                    FrameScanner scanner = new FrameScanner(sender, NONE, compressed);
                    feed(scanner, WireFrame.of(opcode, 0).rsv(bit).by(sender).bytes());
                    assertProtocolError(scanner, "reserved bit RSV2 or RSV3 set (expected: 0)");
                }
            }
        }
    }

    @Nested
    class Opcodes {

        @ParameterizedTest
        @ValueSource(ints = {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF})
        void reservedOnesAreWrong(int opcode) {
            for (Sender sender : Sender.values()) {
                assertProtocolError(
                        scan(sender, WireFrame.of(opcode, 0).by(sender)),
                        "reserved opcode 0x" + Integer.toHexString(opcode) + " (expected: 0-2 or 8-a)");
            }
        }

        @Test
        void reservedOnesAreWrongInsideAFragmentedMessageToo() {
            assertProtocolError(
                    scan(Sender.SERVER, WireFrame.text("x").fragment(), WireFrame.of(0x3, 0)),
                    "reserved opcode 0x3 (expected: 0-2 or 8-a)");
        }
    }

    @Nested
    class Fragmentation {

        @ParameterizedTest
        @EnumSource
        void messageOfManyFramesCountsOnce(Sender sender) {
            assertRight(
                    scan(
                            sender,
                            WireFrame.text("a").fragment().by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 2).fragment().by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 3).by(sender)),
                    3,
                    1,
                    6);
        }

        @ParameterizedTest
        @EnumSource
        void controlFramesMayComeInsideAFragmentedMessage(Sender sender) {
            assertRight(
                    scan(
                            sender,
                            WireFrame.text("a").fragment().by(sender),
                            WireFrame.of(WireFrame.PING, 5).by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 2).fragment().by(sender),
                            WireFrame.of(WireFrame.PONG, 0).by(sender),
                            WireFrame.of(WireFrame.CONTINUATION, 3).by(sender)),
                    5,
                    1,
                    6);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void continuationNeedsAMessageToContinue(boolean last) {
            WireFrame continuation = WireFrame.of(WireFrame.CONTINUATION, 1);
            WireFrame frame = last ? continuation : continuation.fragment();
            String what = "continuation frame without a message to continue (expected: text or binary)";

            assertProtocolError(scan(Sender.SERVER, frame), what);
            assertProtocolError(scan(Sender.SERVER, WireFrame.text("whole"), frame), what);
            assertProtocolError(scan(Sender.SERVER, WireFrame.of(WireFrame.PING, 0), frame), what);
            assertProtocolError(
                    scan(Sender.SERVER, WireFrame.text("x").fragment(), WireFrame.of(WireFrame.CONTINUATION, 0), frame),
                    what);
        }

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.TEXT, WireFrame.BINARY})
        void messageMustEndBeforeTheNextBegins(int opcode) {
            String what = "new message inside a fragmented one (expected: continuation)";

            assertProtocolError(scan(Sender.SERVER, WireFrame.text("x").fragment(), WireFrame.of(opcode, 1)), what);
            assertProtocolError(
                    scan(Sender.SERVER, WireFrame.of(WireFrame.TEXT, 0).fragment(), WireFrame.of(opcode, 1)), what);
            assertProtocolError(
                    scan(
                            Sender.SERVER,
                            WireFrame.text("x").fragment(),
                            WireFrame.of(WireFrame.PONG, 0),
                            WireFrame.of(opcode, 1).fragment()),
                    what);
        }

        @Test
        void closeMayComeInsideAFragmentedMessage() {
            FrameScanner scanner = scan(Sender.SERVER, WireFrame.text("x").fragment(), WireFrame.close(1001, ""));

            assertThat(scanner.close()).isEqualTo(new CloseStatus(1001, ""));
            assertThat(scanner.messages()).isZero();
        }
    }

    @Nested
    class ControlFrameRules {

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.CLOSE, WireFrame.PING, WireFrame.PONG})
        void mustNotBeFragmented(int opcode) {
            for (Sender sender : Sender.values()) {
                assertProtocolError(
                        scan(sender, WireFrame.of(opcode, 0).fragment().by(sender)),
                        "fragmented control frame (expected: FIN set)");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.PING, WireFrame.PONG})
        void carryUpTo125Bytes(int opcode) {
            for (Sender sender : Sender.values()) {
                assertRight(scan(sender, WireFrame.of(opcode, 125).by(sender)), 1, 0, 0);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.CLOSE, WireFrame.PING, WireFrame.PONG})
        void carryNoMoreThan125BytesWhateverTheEncoding(int opcode) {
            String what = "control frame with more than 125 bytes of payload (expected: <= 125)";
            for (Sender sender : Sender.values()) {
                assertProtocolError(scan(sender, WireFrame.of(opcode, 126).by(sender)), what);
                assertProtocolError(scan(sender, WireFrame.of(opcode, 70_000).by(sender)), what);
                assertProtocolError(
                        scan(sender, WireFrame.of(opcode, 5).lengthIn(16).by(sender)), what);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {WireFrame.CLOSE, WireFrame.PING, WireFrame.PONG})
        void tooLongOnesAreJudgedByTwoBytes(int opcode) {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);
            feed(scanner, new byte[] {(byte) (0x80 | opcode), 126});

            assertThat(scanner.violation()).isNotNull();
        }

        @Test
        void waitUntilTheyAreWhole() {
            byte[] ping = WireFrame.of(WireFrame.PING, 10).masked(77).bytes();
            for (int length = 0; length < ping.length; length++) {
                FrameScanner scanner = new FrameScanner(Sender.CLIENT, NONE, false);

                assertThat(feed(scanner, Arrays.copyOf(ping, length)))
                        .as("scanned of %d", length)
                        .isZero();
                assertThat(scanner.boundary()).isZero();
                assertThat(scanner.frames()).isZero();
                assertThat(scanner.openFrameLength()).isZero();
            }
        }
    }

    @Nested
    class Lengths {

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125, 126, 127, 65_534, 65_535, 65_536, 65_537})
        void shortestEncodingIsRight(int length) {
            for (Sender sender : Sender.values()) {
                assertRight(scan(sender, WireFrame.of(WireFrame.BINARY, length).by(sender)), 1, 1, length);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125})
        void lengthThatFits7BitsMustNotStandIn16(int length) {
            for (Sender sender : Sender.values()) {
                assertProtocolError(
                        scan(
                                sender,
                                WireFrame.of(WireFrame.BINARY, length)
                                        .lengthIn(16)
                                        .by(sender)),
                        "length " + length + " in 16 bits (expected: the shortest encoding)");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 125, 126, 65_535})
        void lengthThatFits16BitsMustNotStandIn64(int length) {
            for (Sender sender : Sender.values()) {
                assertProtocolError(
                        scan(
                                sender,
                                WireFrame.of(WireFrame.BINARY, length)
                                        .lengthIn(64)
                                        .by(sender)),
                        "length " + length + " in 64 bits (expected: the shortest encoding)");
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MIN_VALUE + 100})
        void highestBitMustBeZero(long length) {
            for (Sender sender : Sender.values()) {
                FrameScanner scanner = new FrameScanner(sender, NONE, false);
                feed(scanner, WireFrame.of(WireFrame.BINARY, 0).by(sender).header(length));
                assertProtocolError(scanner, "length with its highest bit set (expected: < 2^63)");
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {Integer.MAX_VALUE, 1L << 32, (1L << 32) + 5, Long.MAX_VALUE - 14})
        void lengthsBeyond32BitsAreUnderstood(long length) {
            FrameScanner scanner = new FrameScanner(Sender.CLIENT, NONE, false);
            byte[] header = WireFrame.of(WireFrame.BINARY, 0).masked(1).header(length);

            assertThat(feed(scanner, header)).isEqualTo(header.length);
            assertThat(feed(scanner, new byte[1000])).isEqualTo(1000);
            assertThat(scanner.violation()).isNull();
            assertThat(scanner.openFrameLength()).isEqualTo(length + 14);
            assertThat(scanner.frames()).isZero();
        }

        @Test
        void longestLengthOfAllPassesWithoutALimit() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);
            feed(scanner, WireFrame.of(WireFrame.BINARY, 0).header(Long.MAX_VALUE));

            assertThat(scanner.violation()).isNull();
            assertThat(scanner.openFrameLength())
                    .as("not mistaken for no open frame")
                    .isNotZero();
            assertThat(feed(scanner, WireFrame.text("payload of the long one").bytes()))
                    .isEqualTo(25);
            assertThat(scanner.frames()).isZero();
        }

        @ParameterizedTest
        @EnumSource
        void headerWaitsUntilItIsWhole(Sender sender) {
            for (int length : new int[] {5, 300, 70_000}) {
                byte[] header =
                        WireFrame.of(WireFrame.BINARY, length).by(sender).header(length);
                for (int cut = 0; cut < header.length; cut++) {
                    FrameScanner scanner = new FrameScanner(sender, NONE, false);
                    assertThat(feed(scanner, Arrays.copyOf(header, cut))).isZero();
                    assertThat(scanner.openFrameLength()).isZero();
                    assertThat(feed(scanner, header)).isEqualTo(header.length);
                    assertThat(scanner.openFrameLength()).isEqualTo(header.length + length);
                }
            }
        }
    }

    @Nested
    class Limits {

        @ParameterizedTest
        @EnumSource
        void frameAtTheLimitPasses(Sender sender) {
            FrameScanner scanner = new FrameScanner(sender, new FrameLimits(200, 0), false);
            feed(scanner, WireFrame.of(WireFrame.BINARY, 200).by(sender).bytes());

            assertRight(scanner, 1, 1, 200);
        }

        @ParameterizedTest
        @EnumSource
        void frameAboveTheLimitIsTooBigAsSoonAsItsLengthIsKnown(Sender sender) {
            FrameScanner scanner = new FrameScanner(sender, new FrameLimits(200, 0), false);
            feed(
                    scanner,
                    Arrays.copyOf(WireFrame.of(WireFrame.BINARY, 201).by(sender).bytes(), 4));

            assertViolation(scanner, 1009, "frame of 201 bytes (limit: 200)");
        }

        @Test
        void frameLimitHoldsForEachFrameAlone() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(10, 0), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 10).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 10).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 10),
                            WireFrame.of(WireFrame.TEXT, 10)));

            assertRight(scanner, 4, 2, 40);
        }

        @Test
        void messageAtTheLimitPasses() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 10), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 10),
                            WireFrame.of(WireFrame.TEXT, 4).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 5).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 1),
                            WireFrame.of(WireFrame.TEXT, 10)));

            assertRight(scanner, 5, 3, 30);
        }

        @Test
        void messageAboveTheLimitIsTooBigInOneFrame() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 10), false);
            feed(scanner, WireFrame.of(WireFrame.TEXT, 11).header(11));

            assertViolation(scanner, 1009, "message of more than 10 bytes (limit)");
        }

        @Test
        void messageAboveTheLimitIsTooBigAcrossFragments() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 10), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 4).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 6).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 1).fragment()));

            assertViolation(scanner, 1009, "message of more than 10 bytes (limit)");
            assertThat(scanner.frames()).isEqualTo(2);
        }

        @Test
        void emptyFragmentsPassAtTheLimit() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 10), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 10).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 0).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 0)));

            assertRight(scanner, 3, 1, 10);
        }

        @Test
        void controlFramesDoNotCountForTheMessageNorTheFrameLimit() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(10, 10), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 9).fragment(),
                            WireFrame.of(WireFrame.PING, 100),
                            WireFrame.of(WireFrame.CONTINUATION, 1)));

            assertRight(scanner, 3, 1, 10);
        }

        @Test
        void lengthsThatWouldOverflowTheSumAreTooBig() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 1000), false);
            feed(
                    scanner,
                    concat(
                            WireFrame.of(WireFrame.TEXT, 900).fragment().bytes(),
                            WireFrame.of(WireFrame.CONTINUATION, 0).header(Long.MAX_VALUE)));

            assertViolation(scanner, 1009, "message of more than 1000 bytes (limit)");
        }

        @Test
        void brokenRuleComesBeforeABrokenLimit() {
            FrameScanner scanner = new FrameScanner(Sender.CLIENT, new FrameLimits(10, 10), false);
            feed(scanner, WireFrame.of(WireFrame.TEXT, 100).bytes());

            assertProtocolError(scanner, "unmasked frame from the client (expected: masked)");
        }

        @Test
        void zeroIsNoLimit() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 0), false);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.TEXT, 100_000).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 100_000)));

            assertRight(scanner, 2, 1, 200_000);
        }

        @Test
        void negativeLimitsAreRefused() {
            assertThatThrownBy(() -> new FrameLimits(-1, 0)).hasMessage("frameBytes: -1 (expected: >= 0)");
            assertThatThrownBy(() -> new FrameLimits(0, -7)).hasMessage("messageBytes: -7 (expected: >= 0)");
        }
    }

    @Nested
    class CloseFrames {

        @ParameterizedTest
        @EnumSource
        void emptyOneHasNoStatus(Sender sender) {
            FrameScanner scanner = scan(sender, WireFrame.of(WireFrame.CLOSE, 0).by(sender));

            assertThat(scanner.close()).isEqualTo(CloseStatus.EMPTY);
            assertThat(scanner.frames()).isEqualTo(1);
        }

        @ParameterizedTest
        @EnumSource
        void payloadOfOneByteIsWrong(Sender sender) {
            FrameScanner scanner = scan(sender, WireFrame.of(WireFrame.CLOSE, 1).by(sender));

            assertProtocolError(scanner, "Close frame with 1 byte of payload (expected: 0 or 2-125)");
            assertThat(scanner.close()).isNull();
            assertThat(scanner.frames()).isZero();
        }

        @ParameterizedTest
        @ValueSource(
                ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        void definedAndApplicationCodesAreRight(int code) {
            for (Sender sender : Sender.values()) {
                FrameScanner scanner = scan(sender, WireFrame.close(code, "").by(sender));
                assertThat(scanner.violation()).isNull();
                assertThat(scanner.close()).isEqualTo(new CloseStatus(code, ""));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 0x7fff, 0x8000, 0xffff})
        void otherCodesAreWrong(int code) {
            for (Sender sender : Sender.values()) {
                FrameScanner scanner = scan(sender, WireFrame.close(code, "why").by(sender));
                assertProtocolError(scanner, "close code " + code + " (expected: 1000-1003, 1007-1014 or 3000-4999)");
                assertThat(scanner.close()).isNull();
            }
        }

        @ParameterizedTest
        @EnumSource
        void reasonIsDecoded(Sender sender) {
            FrameScanner scanner =
                    scan(sender, WireFrame.close(4001, "plötzlich 🌊 weg").by(sender));

            assertThat(scanner.close()).isEqualTo(new CloseStatus(4001, "plötzlich 🌊 weg"));
        }

        @ParameterizedTest
        @EnumSource
        void reasonMayHave123Bytes(Sender sender) {
            FrameScanner scanner =
                    scan(sender, WireFrame.close(1000, "r".repeat(123)).by(sender));

            assertThat(scanner.close()).isEqualTo(new CloseStatus(1000, "r".repeat(123)));
        }

        @Test
        void nothingIsScannedBehindOne() {
            byte[] close = WireFrame.close(1000, "").bytes();
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);
            int scanned = feed(scanner, concat(close, WireFrame.text("late").bytes()));

            assertThat(scanned).isEqualTo(close.length);
            assertThat(scanner.boundary()).isEqualTo(close.length);
            assertThat(scanner.frames()).isEqualTo(1);
            assertThat(feed(scanner, WireFrame.text("later still").bytes())).isZero();
            assertThat(feed(scanner, WireFrame.of(0xf, 0).bytes())).isZero();
            assertThat(scanner.frames()).isEqualTo(1);
            assertThat(scanner.violation()).isNull();
        }
    }

    @Nested
    class Scanning {

        @Test
        void nothingIsScannedBehindAViolation() {
            byte[] right = WireFrame.text("right").bytes();
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);
            int scanned = feed(
                    scanner,
                    concat(
                            right,
                            concat(
                                    WireFrame.of(0x3, 0).bytes(),
                                    WireFrame.text("late").bytes())));

            assertThat(scanned).isEqualTo(right.length);
            assertThat(scanner.boundary()).isEqualTo(right.length);
            assertThat(feed(scanner, WireFrame.close(1000, "").bytes())).isZero();
            assertThat(scanner.close()).isNull();
            assertThat(scanner.frames()).isEqualTo(1);
        }

        @ParameterizedTest
        @EnumSource
        void framesWithoutPayloadAreFrames(Sender sender) {
            FrameScanner scanner = scan(
                    sender,
                    WireFrame.of(WireFrame.TEXT, 0).by(sender),
                    WireFrame.of(WireFrame.BINARY, 0).fragment().by(sender),
                    WireFrame.of(WireFrame.CONTINUATION, 0).fragment().by(sender),
                    WireFrame.of(WireFrame.PING, 0).by(sender),
                    WireFrame.of(WireFrame.CONTINUATION, 0).by(sender));

            assertRight(scanner, 5, 2, 0);
            assertThat(scanner.openFrameLength()).isZero();
        }

        @Test
        void countsStartAnewAfterAReset() {
            FrameScanner scanner = scan(Sender.SERVER, WireFrame.text("four"), WireFrame.of(WireFrame.PING, 9));
            assertRight(scanner, 2, 1, 4);

            scanner.resetCounts();
            assertRight(scanner, 0, 0, 0);

            feed(scanner, WireFrame.text("sixsix").bytes());
            assertRight(scanner, 1, 1, 6);
        }

        @Test
        void frameCountsWhenItEndsNotWhenItBegins() {
            byte[] bytes = WireFrame.text("in two halves").bytes();
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);

            feed(scanner, Arrays.copyOf(bytes, 9));
            assertRight(scanner, 0, 0, 0);
            assertThat(scanner.openFrameLength()).isEqualTo(bytes.length);
            assertThat(scanner.boundary()).isZero();

            feed(scanner, Arrays.copyOfRange(bytes, 9, bytes.length));
            assertRight(scanner, 1, 1, 13);
            assertThat(scanner.openFrameLength()).isZero();
            assertThat(scanner.boundary()).isEqualTo(bytes.length - 9);
        }

        @Test
        void onlyTheGivenPartOfTheBufferIsScanned() {
            byte[] text = WireFrame.text("inside").bytes();
            byte[] padded = concat(concat(new byte[] {-1, -1, -1}, text), new byte[] {-1, -1});
            var buffer = Unpooled.wrappedBuffer(padded).readerIndex(1);
            FrameScanner scanner = new FrameScanner(Sender.SERVER, NONE, false);

            assertThat(scanner.scan(buffer, 3, 3 + text.length)).isEqualTo(3 + text.length);
            assertThat(scanner.boundary()).isEqualTo(3 + text.length);
            assertThat(buffer.readerIndex()).isEqualTo(1);
            assertRight(scanner, 1, 1, 6);
        }

        @Test
        void violationSaysWhatTheOffenderGets() {
            FrameScanner scanner = scan(Sender.SERVER, WireFrame.of(0xB, 0));

            assertThat(scanner.violation().status())
                    .isEqualTo(new CloseStatus(1002, "reserved opcode 0xb (expected: 0-2 or 8-a)"));
            assertThat(scanner.violation().getStackTrace()).isEmpty();
        }
    }

    /** What {@link MessageSizes} is told. */
    @Nested
    class Sizes {

        private record Told(long payloadBytes, int messages) {}

        private final List<Told> told = new ArrayList<>();
        private final MessageSizes sizes = (payloadBytes, messages) -> told.add(new Told(payloadBytes, messages));

        @Test
        void runsOfOneSizeAreToldTogetherAndOthersInTheirOrder() {
            feed(
                    scanner(Sender.SERVER),
                    WireFrame.stream(
                            WireFrame.text("fives"),
                            WireFrame.text("again"),
                            WireFrame.of(WireFrame.BINARY, 5),
                            WireFrame.of(WireFrame.BINARY, 300),
                            WireFrame.of(WireFrame.BINARY, 300),
                            WireFrame.text("fives")));

            assertThat(told).containsExactly(new Told(5, 3), new Told(300, 2), new Told(5, 1));
        }

        @Test
        void fragmentsAreOneMessageOfTheirSum() {
            feed(
                    scanner(Sender.SERVER),
                    WireFrame.stream(
                            WireFrame.of(WireFrame.BINARY, 70_000).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 0).fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 11)));

            assertThat(told).containsExactly(new Told(70_011, 1));
        }

        @Test
        void controlFramesAreNoMessagesAndDoNotPartARunOfThem() {
            FrameScanner scanner = scanner(Sender.SERVER);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.of(WireFrame.PING, 7),
                            WireFrame.text("a").fragment(),
                            WireFrame.of(WireFrame.PONG, 100),
                            WireFrame.of(WireFrame.CONTINUATION, 2),
                            WireFrame.of(WireFrame.PING, 0),
                            WireFrame.text("abc"),
                            WireFrame.close(1000, "bye")));

            assertThat(scanner.close()).isNotNull();
            assertThat(told).containsExactly(new Told(3, 2));
        }

        @Test
        void messagesWithoutPayloadHaveSizeZero() {
            feed(
                    scanner(Sender.SERVER),
                    WireFrame.stream(
                            WireFrame.text(""),
                            WireFrame.text("").fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 0),
                            WireFrame.text("x"),
                            WireFrame.text("")));

            assertThat(told).containsExactly(new Told(0, 2), new Told(1, 1), new Told(0, 1));
        }

        @Test
        void eachScanTellsWhatItSawBeforeItReturns() {
            FrameScanner scanner = scanner(Sender.SERVER);
            feed(scanner, WireFrame.text("ab").bytes());
            assertThat(told).containsExactly(new Told(2, 1));
            feed(scanner, WireFrame.text("cd").bytes());
            assertThat(told).as("no run goes over two scans").containsExactly(new Told(2, 1), new Told(2, 1));
            feed(scanner, WireFrame.text("e").fragment().bytes());
            assertThat(told).as("not over yet").hasSize(2);
            feed(scanner, new byte[0]);
            assertThat(told).as("nothing new").hasSize(2);
            feed(scanner, WireFrame.of(WireFrame.CONTINUATION, 1).bytes());
            assertThat(told).endsWith(new Told(2, 1)).hasSize(3);
        }

        @Test
        void messagesBeforeAViolationAreToldAndTheOffendingOneIsNot() {
            FrameScanner scanner = new FrameScanner(Sender.SERVER, new FrameLimits(0, 10), false, sizes);
            feed(
                    scanner,
                    WireFrame.stream(
                            WireFrame.text("1234"),
                            WireFrame.text("1234"),
                            WireFrame.text("12345").fragment(),
                            WireFrame.of(WireFrame.CONTINUATION, 6)));

            assertThat(scanner.violation()).isNotNull();
            assertThat(told).containsExactly(new Told(4, 2));
        }

        @Test
        void resettingCountsChangesNothing() {
            FrameScanner scanner = scanner(Sender.SERVER);
            feed(scanner, WireFrame.text("abc").fragment().bytes());
            scanner.resetCounts();
            feed(scanner, WireFrame.of(WireFrame.CONTINUATION, 4).bytes());

            assertThat(told).containsExactly(new Told(7, 1));
        }

        @ParameterizedTest
        @EnumSource
        void areExactWhereverTheStreamIsCutInTwo(Granularity granularity) {
            for (int seed = 0; seed < 20; seed++) {
                Sender sender = seed % 2 == 0 ? Sender.CLIENT : Sender.SERVER;
                RandomFrames random = new RandomFrames(new Random(seed), sender);
                List<WireFrame> frames = random.next(4, false);
                frames.add(random.close());
                List<Long> expected = sizesOf(frames);
                byte[] stream = WireFrame.stream(frames);
                for (int cut = 0; cut <= stream.length; cut++) {
                    told.clear();
                    FrameAssembler assembler = assembler(sender, granularity);
                    assembler.append(Unpooled.copiedBuffer(stream, 0, cut));
                    assembler.append(Unpooled.copiedBuffer(stream, cut, stream.length - cut));
                    FrameBatch batch = assembler.take();

                    assertThat(each()).as("seed %d, cut at %d", seed, cut).isEqualTo(expected);
                    assertThat(batch.messages()).isEqualTo(expected.size());
                    batch.release();
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void areExactHoweverSmallThePieces(Granularity granularity) {
            for (int seed = 100; seed < 130; seed++) {
                Random random = new Random(seed);
                RandomFrames source = new RandomFrames(random, Sender.CLIENT);
                List<WireFrame> frames = source.next(6, true);
                byte[] stream = WireFrame.stream(frames);
                told.clear();
                FrameAssembler assembler = assembler(Sender.CLIENT, granularity);
                int longest = 1 + random.nextInt(3000);
                for (int at = 0; at < stream.length; ) {
                    int length = Math.min(stream.length - at, 1 + random.nextInt(longest));
                    assembler.append(Unpooled.copiedBuffer(stream, at, length));
                    at += length;
                }

                assertThat(each()).as("seed %d", seed).isEqualTo(sizesOf(frames));
                assembler.release();
            }
        }

        private FrameScanner scanner(Sender sender) {
            return new FrameScanner(sender, NONE, false, sizes);
        }

        private FrameAssembler assembler(Sender sender, Granularity granularity) {
            FrameScanner scanner = new FrameScanner(sender, new FrameLimits(0, 1 << 20), false, sizes);
            return new FrameAssembler(scanner, UnpooledByteBufAllocator.DEFAULT, granularity);
        }

        /** One for each message. */
        private List<Long> each() {
            return told.stream()
                    .flatMap(run -> Collections.nCopies(run.messages, run.payloadBytes).stream())
                    .toList();
        }

        /** By other means than the code under test. */
        private List<Long> sizesOf(List<WireFrame> frames) {
            List<Long> expected = new ArrayList<>();
            long size = 0;
            for (WireFrame frame : frames) {
                if (!frame.isControl()) {
                    size += frame.payload().length;
                    if (frame.isFinal()) {
                        expected.add(size);
                        size = 0;
                    }
                }
            }
            return expected;
        }
    }

    private static FrameScanner scan(Sender sender, WireFrame... frames) {
        FrameScanner scanner = new FrameScanner(sender, NONE, false);
        feed(scanner, WireFrame.stream(frames));
        return scanner;
    }

    private static FrameScanner scanCompressed(Sender sender, WireFrame... frames) {
        FrameScanner scanner = new FrameScanner(sender, NONE, true);
        feed(scanner, WireFrame.stream(frames));
        return scanner;
    }

    private static int feed(FrameScanner scanner, byte[] bytes) {
        return scanner.scan(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }

    private static void assertRight(FrameScanner scanner, int frames, int messages, long payloadBytes) {
        assertThat(scanner.violation()).isNull();
        assertThat(scanner.frames()).as("frames").isEqualTo(frames);
        assertThat(scanner.messages()).as("messages").isEqualTo(messages);
        assertThat(scanner.payloadBytes()).as("payload bytes").isEqualTo(payloadBytes);
    }

    private static void assertProtocolError(FrameScanner scanner, String message) {
        assertViolation(scanner, 1002, message);
    }

    private static void assertViolation(FrameScanner scanner, int code, String message) {
        assertThat(scanner.violation()).isNotNull().hasMessage(message);
        assertThat(scanner.violation().closeCode()).isEqualTo(code);
        assertThat(message.getBytes(StandardCharsets.US_ASCII))
                .as("fits a Close reason")
                .hasSizeLessThanOrEqualTo(123);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
