package io.tidegate.server.upstream.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressBookTest {

    private static final InetAddress A = address("10.0.0.1");
    private static final InetAddress B = address("10.0.0.2");
    private static final InetAddress SIX = address("2001:db8::1");

    private final AddressBook book = new AddressBook();

    @Test
    void newAddressesAreTakenAtOnce() {
        assertThat(book.changedBy(List.of(A))).isTrue();
        assertThat(book.changedBy(List.of(A, SIX))).isTrue();
        assertThat(book.addresses()).containsExactlyInAnyOrder(A, SIX);
    }

    @Test
    void theSameAgainInAnotherOrderIsNoChange() {
        book.changedBy(List.of(A, B));
        assertThat(book.changedBy(List.of(B, A))).isFalse();
    }

    @Test
    void oneThatIsMissingTwiceInARowGoes() {
        book.changedBy(List.of(A, B));
        assertThat(book.changedBy(List.of(A))).isFalse();
        assertThat(book.addresses()).containsExactlyInAnyOrder(A, B);
        assertThat(book.changedBy(List.of(A))).isTrue();
        assertThat(book.addresses()).containsExactly(A);
    }

    @Test
    void oneThatIsMissingNowAndThenStays() {
        book.changedBy(List.of(A, B));
        for (int i = 0; i < 5; i++) {
            assertThat(book.changedBy(List.of(A))).isFalse();
            assertThat(book.changedBy(List.of(A, B))).isFalse();
        }
    }

    @Test
    void allMayBeReplaced() {
        book.changedBy(List.of(A));
        assertThat(book.changedBy(List.of(B))).as("the new one").isTrue();
        assertThat(book.addresses()).containsExactlyInAnyOrder(A, B);
        assertThat(book.changedBy(List.of(B))).as("the old one").isTrue();
        assertThat(book.addresses()).containsExactly(B);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
