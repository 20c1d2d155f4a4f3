import "./style.css";

const gardens = ["Kew", "Butchart", "Keukenhof"];
document.querySelector("#app").innerHTML = gardens.map((name) => `<p>${name}</p>`).join("");
