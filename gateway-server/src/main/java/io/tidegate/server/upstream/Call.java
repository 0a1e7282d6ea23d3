package io.tidegate.server.upstream;

import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.leg.LegMeter;
import io.tidegate.server.upstream.dial.Dialler;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What a session asks of an upstream.
 *
 * @param request what its client asked for
 * @param prefix the path of the route, in place of which an endpoint's own path is asked for if it has one
 * @param limits what the upstream may send
 * @param granularity what its batches consist of
 * @param meter told of messages that come on its legs, and of those that are written to them
 * @param agreed what the client was told at its 101, which any further leg has to fit; {@code null} before it
 */
public record Call(
        OpeningRequest request,
        String prefix,
        FrameLimits limits,
        Granularity granularity,
        LegMeter meter,
        @Nullable OpeningAnswer agreed) {

    /** What to ask an endpoint for: path and query of the client's own, unless the endpoint has a path. */
    Dialler.Opening at(URI endpoint) {
        return new Dialler.Opening(request, target(ownPath(endpoint)), limits, granularity, meter, agreed);
    }

    private String target(String path) {
        if (path.isEmpty()) {
            return request.target();
        }
        String rest = request.target().substring(prefix.length());
        String joint = path.endsWith("/") && rest.startsWith("/") ? rest.substring(1) : rest;
        boolean apart = !path.endsWith("/") && !joint.isEmpty() && joint.charAt(0) != '/' && joint.charAt(0) != '?';
        return path + (apart ? "/" : "") + joint;
    }

    /** What an endpoint may be asked for on nobody's behalf: the same, of which nothing is the client's own. */
    String entrance(URI endpoint) {
        String path = ownPath(endpoint);
        return path.isEmpty() ? prefix : path;
    }

    /** The path that an endpoint has instead of the route's; empty if it has none. */
    private static String ownPath(URI endpoint) {
        String path = endpoint.getRawPath();
        return path == null || path.equals("/") ? "" : path;
    }

    /** The same after the client's 101: for later legs, of which no more is asked than this client can do with. */
    public Call agreedOn(OpeningAnswer answer) {
        return new Call(request.again(answer), prefix, limits, granularity, meter, answer);
    }
}
