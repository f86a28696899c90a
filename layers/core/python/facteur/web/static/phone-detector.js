// Where a sheet of paper lies in the camera's view: its four corners, from a small grey picture.
// Runs in a worker, so that the view stays smooth. The method and its numbers are those of
// adapters/mending/corners.py, which explains them; change them together.
"use strict";

const STEP = 14;
const FULL = 48;
const BEST = 6;
const AROUND = 4;
const LEAST_AREA = 0.16;
const LEAST_SIDE = 0.42;
const LEAST_SEEN = 0.62;
const SQUARE = Math.sin((32 * Math.PI) / 180);
const PLACES = 40;
const ENDS = 0.6;
const DARKER = 10;
const BEYOND = 0.03;
const FAINT = 4;
const NEAR = 5;
const FELT = Uint8Array.from({ length: 256 }, (_one, light) => Math.round(Math.min(255, Math.max(0, 90 * Math.log(Math.max(light, 1) / 16)))));

// Three passes of a box blur come near a Gaussian's.
function smoothed(light, width, height) {
  let from = Float32Array.from(light);
  for (let pass = 0; pass < 2; pass += 1) {
    const to = new Float32Array(from.length);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        let sum = 0;
        let count = 0;
        for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1) {
          for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) { sum += from[v * width + u]; count += 1; }
        }
        to[y * width + x] = sum / count;
      }
    }
    from = to;
  }
  return Uint8Array.from(from);
}

function slopesOf(light, width, height) {
  const across = new Int16Array(light.length);
  const down = new Int16Array(light.length);
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at += 1) {
      across[at] = light[at + 1] - light[at - 1];
      down[at] = light[at + width] - light[at - width];
    }
  }
  return { width, height, light, across, down };
}

const COS = Float64Array.from({ length: 360 }, (_one, angle) => Math.cos((angle * Math.PI) / 180));
const SIN = Float64Array.from({ length: 360 }, (_one, angle) => Math.sin((angle * Math.PI) / 180));
const turned = (angle) => ((angle % 360) + 360) % 360;

function ballots(slopes) {
  const { width, height, across, down } = slopes;
  const reach = Math.floor(Math.hypot(width, height)) + 2;
  const wide = 2 * reach + 1;
  const votes = new Int32Array(360 * wide);
  for (let at = 0; at < across.length; at += 1) {
    const strength = Math.max(Math.abs(across[at]), Math.abs(down[at]));
    if (strength < STEP) continue;
    const y = Math.floor(at / width);
    const x = at - y * width;
    const towards = Math.round((Math.atan2(down[at], across[at]) * 180) / Math.PI);
    const weight = Math.min(strength, FULL);
    for (let angle = towards - AROUND; angle <= towards + AROUND; angle += 2) {
      const turn = turned(angle);
      votes[turn * wide + Math.round(x * COS[turn] + y * SIN[turn]) + reach] += weight;
    }
  }
  return [90, 180, 270, 0].map((middle) => peaks(votes, wide, middle)
    .map(([angle, place]) => ({ cos: COS[angle], sin: SIN[angle], distance: place - reach })));
}

function peaks(votes, wide, middle) {
  const kept = [];
  while (kept.length < BEST) {
    let most = 0;
    let found = null;
    for (let around = -44; around <= 44; around += 1) {
      const angle = turned(middle + around);
      for (let place = 0; place < wide; place += 1) {
        const count = votes[angle * wide + place];
        if (count > most && kept.every(([other, away]) => Math.abs(turned(angle - other + 180) - 180) > 5 || Math.abs(place - away) > 5)) {
          most = count;
          found = [angle, place];
        }
      }
    }
    if (!found) break;
    kept.push(found);
  }
  return kept;
}

function crossing(one, other, slopes) {
  const turn = one.cos * other.sin - one.sin * other.cos;
  if (Math.abs(turn) < 0.3) return null;
  const x = (one.distance * other.sin - other.distance * one.sin) / turn;
  const y = (other.distance * one.cos - one.distance * other.cos) / turn;
  const { width, height } = slopes;
  const inside = x >= -BEYOND * width && x <= (1 + BEYOND) * width && y >= -BEYOND * height && y <= (1 + BEYOND) * height;
  return inside ? [x, y] : null;
}

const after = (quad, at) => quad[(at + 1) % 4];
const area = (quad) => quad.reduce((sum, one, at) => sum + one[0] * after(quad, at)[1] - after(quad, at)[0] * one[1], 0) / 2;

function square(quad) {
  return quad.every((here, at) => {
    const before = quad[(at + 3) % 4];
    const next = after(quad, at);
    const [ax, ay] = [before[0] - here[0], before[1] - here[1]];
    const [bx, by] = [next[0] - here[0], next[1] - here[1]];
    const sides = Math.hypot(ax, ay) * Math.hypot(bx, by);
    return sides > 0 && Math.abs(ax * bx + ay * by) / sides <= SQUARE;
  });
}

function seen(one, two, slopes) {
  const { width, height, across, down } = slopes;
  const [dx, dy] = [two[0] - one[0], two[1] - one[1]];
  const length = Math.hypot(dx, dy);
  const [inx, iny] = [-dy / length, dx / length];
  const count = Math.max(8, Math.floor(length / 3));
  let held = 0;
  let tried = 0;
  for (let step = 1; step < count; step += 1) {
    const x = one[0] + (dx * step) / count;
    const y = one[1] + (dy * step) / count;
    if (x < 1 || x >= width - 1 || y < 1 || y >= height - 1) continue;
    tried += 1;
    for (const out of [0, -1, 1]) {
      const column = Math.round(x + inx * out);
      const row = Math.round(y + iny * out);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const at = row * width + column;
      if (across[at] * inx + down[at] * iny >= STEP * 0.7) { held += 1; break; }
    }
  }
  return tried >= count / 2 && tried ? held / tried : 0;
}

function brightness(one, two, inwards, slopes) {
  const [dx, dy] = [two[0] - one[0], two[1] - one[1]];
  const length = Math.hypot(dx, dy);
  const held = [];
  for (let step = 2; step < PLACES - 1; step += 1) {
    const x = Math.round(one[0] + (dx * step) / PLACES - (dy / length) * inwards);
    const y = Math.round(one[1] + (dy * step) / PLACES + (dx / length) * inwards);
    const inside = x >= 0 && x < slopes.width && y >= 0 && y < slopes.height;
    held.push(inside ? slopes.light[y * slopes.width + x] : -1);
  }
  return held;
}

// true: the paper ends there; false: it does not; null: the picture ends first.
function ends(one, two, slopes) {
  const inside = brightness(one, two, NEAR, slopes);
  let found = null;
  for (let out = 4; out < 9; out += 1) {
    const beyond = brightness(one, two, -out, slopes);
    let known = 0;
    let darker = 0;
    inside.forEach((paper, at) => {
      if (paper < 0 || beyond[at] < 0) return;
      known += 1;
      if (beyond[at] <= paper - DARKER) darker += 1;
    });
    if (known >= Math.floor(PLACES / 3)) {
      if (darker < ENDS * known) return false;
      found = true;
    }
  }
  return found;
}

function worth(quad, slopes, best) {
  const size = Math.sqrt(area(quad) / (slopes.width * slopes.height));
  if (size <= best) return 0;
  let sum = 0;
  for (let at = 0; at < 4; at += 1) {
    const share = seen(quad[at], after(quad, at), slopes);
    if (share < LEAST_SIDE) return 0;
    sum += share;
  }
  const mean = sum / 4;
  if (mean < LEAST_SEEN || size * mean <= best) return 0;
  const told = quad.map((one, at) => ends(one, after(quad, at), slopes));
  return !told.includes(false) && told.filter((one) => one).length >= 3 ? size * mean : 0;
}

function edge(one, two, slopes) {
  const { width, height, across, down } = slopes;
  const [dx, dy] = [two[0] - one[0], two[1] - one[1]];
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const count = Math.max(8, Math.floor(length / 2));
  let held = [];
  const strong = (x, y) => {
    const column = Math.round(x);
    const row = Math.round(y);
    if (column < 0 || column >= width || row < 0 || row >= height) return 0;
    return Math.max(0, -across[row * width + column] * uy + down[row * width + column] * ux);
  };
  for (let step = 1; step < count; step += 1) {
    const along = (length * step) / count;
    const steps = [];
    for (let out = -NEAR; out < NEAR; out += 1) steps.push(strong(one[0] + ux * along - uy * out, one[1] + uy * along + ux * out));
    const top = steps.indexOf(Math.max(...steps));
    if (steps[top] < FAINT) continue;
    let weight = 0;
    let place = 0;
    for (let at = Math.max(0, top - 1); at <= Math.min(steps.length - 1, top + 1); at += 1) { weight += steps[at]; place += at * steps[at]; }
    held.push([along, place / weight - NEAR]);
  }
  for (const strayed of [3, 1.2, 0.8]) {
    if (held.length < 6) return null;
    const [start, slope] = leastSquares(held);
    held = held.filter(([at, out]) => Math.abs(start + slope * at - out) <= strayed);
  }
  if (held.length < 6) return null;
  const [start, slope] = leastSquares(held);
  const [[ax, ay], [bx, by]] = [0, length].map((along) => {
    const out = start + slope * along;
    return [one[0] + ux * along - uy * out, one[1] + uy * along + ux * out];
  });
  const reach = Math.hypot(bx - ax, by - ay);
  const [cos, sin] = [-(by - ay) / reach, (bx - ax) / reach];
  return { cos, sin, distance: ax * cos + ay * sin };
}

function leastSquares(points) {
  const count = points.length;
  const meanX = points.reduce((sum, one) => sum + one[0], 0) / count;
  const meanY = points.reduce((sum, one) => sum + one[1], 0) / count;
  const spread = points.reduce((sum, one) => sum + (one[0] - meanX) ** 2, 0);
  const slope = spread ? points.reduce((sum, one) => sum + (one[0] - meanX) * (one[1] - meanY), 0) / spread : 0;
  return [meanY - slope * meanX, slope];
}

function fitted(quad, slopes) {
  const lines = quad.map((one, at) => edge(one, after(quad, at), slopes));
  return quad.map((corner, at) => {
    const [before, here] = [lines[(at + 3) % 4], lines[at]];
    const found = before && here ? crossing(before, here, slopes) : null;
    return found && Math.hypot(found[0] - corner[0], found[1] - corner[1]) <= 3 * NEAR ? found : corner;
  });
}

// Grey picture → corners as fractions of it (top left, top right, bottom right, bottom left), or null.
function corners(grey, width, height) {
  const smooth = smoothed(grey, width, height);
  const slopes = slopesOf(smooth.map((light) => FELT[light]), width, height);
  const [tops, rights, bottoms, lefts] = ballots(slopes);
  let best = 0;
  let quad = null;
  for (const top of tops) {
    for (const left of lefts) {
      const one = crossing(top, left, slopes);
      if (!one) continue;
      for (const right of rights) {
        const two = crossing(top, right, slopes);
        if (!two || two[0] <= one[0]) continue;
        for (const bottom of bottoms) {
          const three = crossing(right, bottom, slopes);
          const four = crossing(bottom, left, slopes);
          if (!three || !four) continue;
          const tried = [one, two, three, four];
          if (area(tried) < LEAST_AREA * width * height || !square(tried)) continue;
          const value = worth(tried, slopes, best);
          if (value > best) { best = value; quad = tried; }
        }
      }
    }
  }
  if (!quad) return null;
  return fitted(quad, slopesOf(smooth, width, height)).map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height]);
}

if (typeof self !== "undefined" && typeof self.postMessage === "function" && typeof document === "undefined") {
  self.addEventListener("message", (event) => {
    const { grey, width, height, number } = event.data;
    self.postMessage({ number, quad: corners(new Uint8Array(grey), width, height) });
  });
}
if (typeof module !== "undefined") module.exports = { corners };
