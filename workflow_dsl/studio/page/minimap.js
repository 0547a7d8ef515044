// The whole diagram in a corner, with the part that is in sight; a click or a drag moves there.
import { make } from "./dom.js";

const LEAST_WIDTH = 48; // pixels, to be hit by a finger
const MOSTLY = 0.7; // of the diagram is in sight: the map would hide more than it shows
const DENSITY = 2; // pixels of the picture for one of the page

export class Minimap {
  constructor(onmove) { // with the point of the diagram to show in the middle
    this.picture = make("canvas");
    this.element = make("div", { class: "minimap", "aria-hidden": "true" }, this.picture);
    const follow = (event) => {
      const { left, top } = this.element.getBoundingClientRect();
      onmove((event.clientX - left - this.left) / this.ratio, (event.clientY - top) / this.ratio);
    };
    this.element.addEventListener("pointerdown", (event) => { this.element.setPointerCapture(event.pointerId); follow(event); });
    this.element.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
  }

  cover({ size, boxes, states }) { // another diagram, or another theme
    const isLarge = innerWidth > 2000, most = isLarge ? { width: 300, height: 420 } : { width: 150, height: 210 };
    this.size = size;
    this.ratio = Math.min(most.width / size.width, most.height / size.height);
    const width = Math.max(LEAST_WIDTH, size.width * this.ratio), height = size.height * this.ratio;
    this.left = (width - size.width * this.ratio) / 2;
    for (const [side, length] of Object.entries({ width, height })) {
      this.picture[side] = length * DENSITY;
      this.element.style[side] = `${length}px`;
    }
    const style = getComputedStyle(document.documentElement);
    this.accent = style.getPropertyValue("--accent");
    this.overview = this.draw([...boxes].filter(([name]) => !states.get(name).classList.contains("group")).map(([, box]) => box), style.getPropertyValue("--line"));
  }

  draw(boxes, color) { // once: it moves with each frame
    const { width, height } = this.picture, overview = make("canvas", { width, height }), drawing = this.scaled(overview);
    drawing.fillStyle = color;
    for (const box of boxes) drawing.fillRect(box.x, box.y, Math.max(2 / this.ratio, box.width), Math.max(1.5 / this.ratio, box.height));
    return overview;
  }

  scaled(canvas) {
    const drawing = canvas.getContext("2d"), scale = this.ratio * DENSITY;
    drawing.setTransform(scale, 0, 0, scale, this.left * DENSITY, 0);
    return drawing;
  }

  show({ x, y, scale, width, height }) { // the part in sight
    const seen = Math.min(1, width / (this.size.width * scale)) * Math.min(1, height / (this.size.height * scale));
    this.element.hidden = seen > MOSTLY || width < 400 || height < 300;
    if (this.element.hidden) return;
    const drawing = this.scaled(this.picture);
    drawing.save();
    drawing.resetTransform();
    drawing.clearRect(0, 0, this.picture.width, this.picture.height);
    drawing.drawImage(this.overview, 0, 0);
    drawing.restore();
    drawing.strokeStyle = this.accent;
    drawing.lineWidth = 1.5 / this.ratio;
    const left = Math.max(-x / scale, -this.left / this.ratio + drawing.lineWidth), top = Math.max(-y / scale, drawing.lineWidth);
    const right = Math.min((width - x) / scale, this.size.width + this.left / this.ratio - drawing.lineWidth), bottom = Math.min((height - y) / scale, this.size.height - drawing.lineWidth);
    drawing.strokeRect(left, top, right - left, bottom - top);
  }
}
