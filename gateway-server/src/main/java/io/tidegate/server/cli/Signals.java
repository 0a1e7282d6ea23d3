package io.tidegate.server.cli;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system, by {@code sun.misc.Signal} of the module {@code jdk.unsupported}: the JDK has nothing else for
 * them but shutdown hooks, which hear of one end only. By reflection, as the compiler's warning about it can't be turned off.
 *
 * <p><b>Threads:</b> handlers run on a thread of the JVM's own, each signal on another.
 */
final class Signals {

    private static final Logger log = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * Has a handler called for a signal from now on, in place of what the JVM does. Where that can't be done, on another JVM or with
     * {@code -Xrs}, that is logged.
     *
     * @param name without {@code SIG}
     * @param handler given the name
     */
    static void handle(String name, Consumer<String> handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handling = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handling}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept(name);
                            return null;
                        }
                        return method.invoke(handler, arguments);
                    });
            signal.getMethod("handle", signal, handling)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            log.warn("SIG{} is left to the JVM: {}", name, String.valueOf(e.getCause() == null ? e : e.getCause()));
        }
    }
}
