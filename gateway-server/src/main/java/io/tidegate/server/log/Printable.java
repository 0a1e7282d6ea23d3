package io.tidegate.server.log;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses, and words of others, fit for a log. */
public final class Printable {

    private static final int LONGEST = 200;

    /** Control characters, those that turn the direction of a text, and what some programs take for the end of a line. */
    private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private Printable() {}

    /** {@code 10.1.2.3:40000}; {@code unknown} when there is none, as when a connection is gone already. */
    public static String of(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress known
                ? NetUtil.toSocketAddressString(known)
                : address == null ? "unknown" : address.toString();
    }

    /** The same, of bounded length, and with nothing in it that acts on a terminal or begins a line. */
    public static String of(@Nullable String words) {
        String text = String.valueOf(words);
        String bounded = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return UNFIT.matcher(bounded).replaceAll("?");
    }
}
