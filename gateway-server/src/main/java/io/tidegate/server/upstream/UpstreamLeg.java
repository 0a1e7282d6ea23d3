package io.tidegate.server.upstream;

import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.leg.Leg;

/**
 * A connection to an upstream after its 101.
 *
 * @param endpoint where it leads
 * @param answer what the 101 said
 * @param leg the frames that come, kept until somebody asks for them, and go
 */
public record UpstreamLeg(Endpoint endpoint, OpeningAnswer answer, Leg leg) {}
