const plots = [...document.querySelectorAll(".plot")];
const settings = {
  responsive: true, displaylogo: false, displayModeBar: "hover",
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
};
for (const plot of plots) {
  const { data, layout } = JSON.parse(plot.querySelector("script").textContent);
  Plotly.newPlot(plot, data, layout, settings).then(() => { plot.dataset.drawn = "yes"; });
}
// Paper is narrower than most screens.
addEventListener("beforeprint", () => plots.forEach((it) => Plotly.relayout(it, { width: 660 })));
addEventListener("afterprint", () => plots.forEach((it) => Plotly.relayout(it, { width: null, autosize: true })));
