/**
 * The dashboard: events of the gateway go into the model, and what changed is drawn, once per frame, while the page is seen.
 * @module
 */

import {hasToken, keepToken} from './api.js';
import {renderBreakers} from './breakers.js';
import {byId, setHidden, setText} from './dom.js';
import {EventStream} from './events.js';
import {announce, renderHappened, startHappened} from './happened.js';
import {Model} from './model.js';
import {Panels} from './panels.js';
import {renderRoutes} from './routes.js';
import {refreshSessions, renderFilters, startSessions} from './sessions.js';
import {renderConnection, renderStatus} from './status.js';
import {startTheme} from './theme.js';

const EVERYTHING = ['state', 'performance', 'aggregates'];

const model = new Model();
const changed = new Set();
let frame = 0;
let panels = null;

const stream = new EventStream({
  onEvent(type, data) {
    announce(model.apply(type, data));
    redraw(type);
  },
  onLost() {
    model.lost();
    redraw('connection');
  },
  onUnauthorized: askForToken,
});

function redraw(...what) {
  what.forEach((part) => changed.add(part));
  // A hidden page gathers, and draws when it is seen again.
  if (frame === 0 && !document.hidden) {
    frame = requestAnimationFrame(draw);
  }
}

function draw() {
  frame = 0;
  const parts = new Set(changed);
  changed.clear();
  setHidden(byId('unauthorized'), !model.unauthorized);
  if (parts.has('state') && model.state !== null) {
    renderStatus(model);
    renderBreakers(model.state.upstreams);
    renderHappened(model.happened);
    renderFilters(model.aggregates?.routes, model.state.upstreams);
    panels.renderTraffic(model);
  } else {
    renderConnection(model);
  }
  if (parts.has('aggregates')) {
    renderRoutes(model.aggregates);
  }
  if (parts.has('performance')) {
    panels.renderPerformance(model);
  }
}

function askForToken(failure) {
  const refused = hasToken() ? 'The gateway didn’t take this token. ' : '';
  setText(byId('unauthorized-reason'), `${refused}It says: ${failure.status}, ${failure.message}`);
  const asked = model.unauthorized;
  model.unauthorized = true;
  if (!asked) {
    setHidden(byId('unauthorized'), false);
    byId('token').focus();
  }
}

function startToken() {
  byId('unauthorized').addEventListener('submit', (event) => {
    event.preventDefault();
    const token = byId('token').value.trim();
    if (token !== '') {
      keepToken(token);
      byId('token').value = '';
      stream.retry();
      refreshSessions();
    }
  });
}

function start() {
  startTheme();
  panels = new Panels(() => redraw(...EVERYTHING));
  startHappened(() => redraw('state'));
  startSessions(askForToken);
  startToken();
  document.addEventListener('visibilitychange', () => redraw(...EVERYTHING));
  window.addEventListener('online', () => model.live || stream.retry());
  // Times since something go on while nothing comes.
  setInterval(() => model.live || redraw('connection'), 1000);
  stream.retry();
}

start();
