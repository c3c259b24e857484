"""What a reader's first visit costs: bytes, requests, paints, shifts; and on an emulated phone, seconds."""

from dataclasses import dataclass, field

# Runs in the page before its own parts. A drawing counts as seen in the frame after the one that laid it out.
# Chromium counts a space between two elements as moved when what comes behind it takes another line: nobody
# sees that.
WATCH = """
  window.seen = {fcp: 0, lcp: 0, shift: 0, moved: [], drawing: 0, tasks: []};
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime;
  })).observe({type: "paint", buffered: true});
  new PerformanceObserver(list => list.getEntries().forEach(entry => seen.lcp = entry.startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
  const blank = ({node}) => node?.nodeType === Node.TEXT_NODE && !node.data.trim();
  new PerformanceObserver(list => list.getEntries().forEach(({value, sources}) => {
    if (sources.length && sources.every(blank)) return;
    seen.shift += value;
    const text = ({node}) => node?.outerHTML ?? `in ${node?.parentElement?.outerHTML}`;
    seen.moved.push(...sources.map(source => text(source).slice(0, 100)));
  })).observe({type: "layout-shift", buffered: true});
  new PerformanceObserver(list => list.getEntries().forEach(entry => seen.tasks.push(
    [entry.startTime, entry.startTime + entry.duration]))).observe({type: "longtask", buffered: true});
  const look = () => {
    const drawings = [...document.querySelectorAll(".guide-diagram svg")];
    const drawing = drawings.find(svg => svg.getBoundingClientRect().height);
    if (drawing && seen.fcp) requestAnimationFrame(now => { seen.drawing = now; });
    else requestAnimationFrame(look);
  };
  look();
"""
KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Font": "font", "Image": "img"}
BUDGET = 85_000  # bytes on the wire, headers and fonts included, until nothing more is asked
REQUESTS = 8  # before the first text is painted
QUIET = 700  # ms in which nothing more may happen
END = "/device.js"  # is asked when a visit has ended; on a busy machine that may be before we look
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class Visit:
    """A visit: the open page, bytes by kind, what was asked in which order, and what the page saw."""

    page: object
    sizes: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)
    began: float = 0

    @property
    def total(self) -> int:
        """All bytes on the wire, headers included."""
        return sum(self.sizes.values())

    def asked_before_paint(self) -> list[str]:
        """The addresses that were asked before the first text was painted."""
        return [url for when, url in self.asked if (when - self.began) * 1000 < self.seen["fcp"]]

    def beyond(self) -> list[str]:
        """What of this first visit is beyond the budget: bytes, requests before the text, or a shift."""
        early, shift = len(self.asked_before_paint()), self.seen["shift"]
        return (
            [f"{self.total} bytes, more than {BUDGET}"] * (self.total > BUDGET)
            + [f"{early} requests before the text, more than {REQUESTS}"] * (early > REQUESTS)
            + [f"a layout shift of {shift:.4f}"] * (shift > 0)
        )


def visit(browser, url: str) -> Visit:
    """Open a page with an empty cache and wait until nothing has been asked for a while."""
    with browser.new_context(**PHONE) as context:
        return _open(context, url)


def visits(browser, url: str) -> tuple[Visit, Visit]:
    """A first visit on a slow phone, and a second one that finds in the cache what it may."""
    with browser.new_context(**PHONE) as context:
        first = _open(context, url, slow=True)
        first.page.close()
        return first, _open(context, url, slow=True)


def following(browser, url: str, times: int, offline: bool = False) -> list[float]:
    """Milliseconds, each time, from a tap on a page's link to the next until that is painted.

    The reader has seen both; or, offline, has had one open until the whole guide was on the phone.
    """
    with browser.new_context(**PHONE) as context:
        page = _open(context, url).page
        link = page.locator("main > nav a").last
        if offline:
            page.get_by_text("nothing missing").wait_for(timeout=120_000)
        _slow_down(context.new_cdp_session(page))
        context.set_offline(offline)
        waits = []
        for _ in range(times + 1):
            with page.expect_navigation():  # what is asked of the page runs in it: not before it is painted
                link.click()
            waits.append(page.wait_for_function("() => seen.fcp").json_value())
            page.goto(url, wait_until="load")
        return waits[1:]  # the first time the next page had not been seen


def _open(context, url: str, slow: bool = False) -> Visit:
    page = context.new_page()
    page.add_init_script(WATCH)
    done = Visit(page)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if slow:
        _slow_down(wire)
    _listen(wire, done)
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(QUIET)
    done.seen = page.evaluate("seen")
    done.seen["blocked"] = _blocked(done.seen.pop("tasks"), done.seen["fcp"])
    return done


def _blocked(tasks: list[list[float]], since: float) -> float:
    """Total blocking time: what each task takes beyond 50 ms, from the first paint on."""
    return sum(max(0, end - max(start + 50, since)) for start, end in tasks)


def _slow_down(wire) -> None:
    """A middling phone on a slow mobile link."""
    link = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
    wire.send("Network.emulateNetworkConditions", {"offline": False, **link})
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def _listen(wire, done: Visit) -> None:
    kinds = {}

    def asked(event):
        url = event["request"]["url"]
        if url.endswith(END):
            wire.remove_listener("Network.requestWillBeSent", asked)
            return
        kinds[event["requestId"]] = KINDS.get(event["type"], "other")
        if not url.startswith("data:"):
            done.began = done.began or event["timestamp"]
            done.asked.append((event["timestamp"], url))

    def finished(event):
        if kind := kinds.get(event["requestId"]):
            done.sizes[kind] = done.sizes.get(kind, 0) + int(event["encodedDataLength"])

    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", finished)
