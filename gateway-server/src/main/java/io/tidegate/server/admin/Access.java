package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: whoever bears the token may do all (RFC 6750, section 2.1). Without it nothing can be changed, and nothing
 * be read either where others than this machine can ask.
 */
final class Access {

    private static final String SCHEME = "Bearer ";

    private final byte @Nullable [] token;

    /** @param token what has to be borne; {@code null} if nobody can bear anything */
    Access(@Nullable String token) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    /** Why a request that changes something is refused; {@code null} if it isn't. */
    @Nullable
    Reply refusalToChange(@Nullable String authorization) {
        byte[] expected = token;
        if (expected == null) {
            return Reply.text(
                    HttpResponseStatus.FORBIDDEN,
                    "no token is configured (expected: the key admin.token, or the variable TIDEGATE_ADMIN_TOKEN)");
        }
        // Takes as long for a token that is nearly right as for any other of its length.
        if (authorization != null
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        expected,
                        authorization.substring(SCHEME.length()).trim().getBytes(StandardCharsets.UTF_8))) {
            return null;
        }
        String what = authorization == null ? "no token" : "wrong token";
        return Reply.text(
                        HttpResponseStatus.UNAUTHORIZED,
                        what + " (expected: Authorization: Bearer TOKEN, with that of admin.token)")
                .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }

    /**
     * Why a request that reads something is refused; {@code null} if it isn't.
     *
     * @param loopback whether only this machine can ask
     */
    @Nullable
    Reply refusalToRead(@Nullable String authorization, boolean loopback) {
        return loopback ? null : refusalToChange(authorization);
    }
}
