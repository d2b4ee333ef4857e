// A standard normal number, by Box and Muller, with two decimals, for a cell.
export function normal() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return Math.round(100 * radius * Math.cos(2 * Math.PI * Math.random())) / 100;
}
