// The catalogue: one record per product. An image is /shop/img/{shape}-{colour}.svg, and
// the same name with "-trail" shows the product outdoors.

export const CATEGORIES = [
  { id: "shelter", name: "Shelter & sleep", image: "tent-dome-moss" },
  { id: "clothing", name: "Clothing", image: "shell-rust" },
  { id: "footwear", name: "Footwear", image: "boots-bark" },
  { id: "packs", name: "Packs", image: "backpack-rust" },
  { id: "kitchen", name: "Camp kitchen", image: "cookset-slate" },
  { id: "light", name: "Light & way", image: "lantern-sun" },
];

export const COLOURS = {
  moss: { name: "Moss", hex: "#66804f" },
  rust: { name: "Rust", hex: "#c3602f" },
  slate: { name: "Slate", hex: "#62788b" },
  sand: { name: "Sand", hex: "#cfb084" },
  night: { name: "Night", hex: "#3c4d6b" },
  berry: { name: "Berry", hex: "#9c4058" },
  sun: { name: "Sun", hex: "#e2a930" },
  bark: { name: "Bark", hex: "#8f5f3a" },
};

const CLOTHES = ["XS", "S", "M", "L", "XL"];
const SHOES = ["38", "39", "40", "41", "42", "43", "44", "45"];

/** Prices are in euro cents. */
export const PRODUCTS = [
  {
    id: "ridgeline-2", name: "Ridgeline 2 tent", category: "shelter", shape: "tent-dome",
    colours: ["moss", "rust"], sizes: ["One size"], price: 38900, added: 24, rating: 4.7,
    tagline: "Two people, three seasons, one bag the size of a loaf.",
    text: "A freestanding dome that goes up in five minutes, also with cold hands. Two doors mean that nobody climbs over anybody, and the inner can stay pitched while you dry the fly.",
    specs: { Weight: "1.94 kg", "Packed size": "44 × 16 cm", Fabric: "20D ripstop polyester, 3 000 mm", Poles: "Aluminium, colour-coded", Doors: "2" },
  },
  {
    id: "ridgeline-4", name: "Ridgeline 4 tent", category: "shelter", shape: "tent-dome",
    colours: ["slate", "sun"], sizes: ["One size"], price: 51900, added: 11, rating: 4.5,
    tagline: "Room for a family and a wet dog.",
    text: "The same geometry as the Ridgeline 2, drawn larger and with a third pole over the porch. Stands up to an honest gale when all eight guy lines are out.",
    specs: { Weight: "3.60 kg", "Packed size": "52 × 21 cm", Fabric: "40D ripstop polyester, 4 000 mm", Poles: "Aluminium, colour-coded", Doors: "2" },
  },
  {
    id: "longvale-3", name: "Longvale 3 tunnel", category: "shelter", shape: "tent-tunnel",
    colours: ["rust", "moss"], sizes: ["One size"], price: 62900, added: 19, rating: 4.8,
    tagline: "A porch you can cook, sit and wait out a Tuesday in.",
    text: "Tunnel tents give the most room for their weight. Ours has a porch of two square metres, pitches outer-first in the rain and takes the wind from either end.",
    specs: { Weight: "3.10 kg", "Packed size": "50 × 18 cm", Fabric: "30D silicone nylon, 5 000 mm", Poles: "3 × 10.2 mm aluminium", Doors: "2" },
  },
  {
    id: "firelight-tipi", name: "Firelight tipi", category: "shelter", shape: "tipi",
    colours: ["sand"], sizes: ["One size"], price: 74500, added: 6, rating: 4.9,
    tagline: "Cotton canvas, a stove jack and a long evening.",
    text: "Breathes in summer, holds the warmth in autumn. The canvas is woven tight enough to shed rain without a coating, so it can be repaired for as long as you like it.",
    specs: { Weight: "9.80 kg", Height: "2.60 m", Fabric: "Organic cotton canvas, 285 g/m²", Poles: "1 × ash, split", Doors: "1" },
  },
  {
    id: "downdrift", name: "Downdrift −5 sleeping bag", category: "shelter", shape: "sleeping-bag",
    colours: ["night", "berry"], sizes: ["Regular", "Long"], price: 27900, added: 17, rating: 4.6,
    tagline: "Warm to five below, small enough to forget.",
    text: "Traceable duck down in box-wall baffles, with a draught collar that closes with one hand. The zip has a stiff guard and does not eat the lining.",
    specs: { Weight: "890 g", Comfort: "−5 °C", Fill: "700 cuin down, certified", Shell: "20D recycled nylon", Zip: "Left, two-way" },
  },
  {
    id: "bedrock", name: "Bedrock sleeping mat", category: "shelter", shape: "mat",
    colours: ["moss", "slate"], sizes: ["Regular", "Long"], price: 6400, added: 3, rating: 4.2,
    tagline: "Closed-cell foam. Nothing to pump, nothing to puncture.",
    text: "Sit on it at lunch, sleep on it at night, strap it outside the pack in between. Dimples on one side hold warm air, ridges on the other keep it from sliding.",
    specs: { Weight: "410 g", Size: "183 × 56 × 2 cm", "R-value": "2.4", Material: "EVA foam, 30 % recycled" },
  },
  {
    id: "stormcairn", name: "Stormcairn shell jacket", category: "clothing", shape: "shell",
    colours: ["rust", "slate", "moss"], sizes: CLOTHES, price: 32900, added: 25, rating: 4.8,
    tagline: "For weather that comes sideways.",
    text: "Three layers, fully taped, and a hood that turns with your head. The pockets sit above a hip belt, and the cuffs close over gloves.",
    specs: { Weight: "460 g", Fabric: "3-layer, 20 000 mm", Pockets: "2 hand, 1 chest", Hood: "Helmet-compatible", Coating: "PFAS-free" },
  },
  {
    id: "drizzle", name: "Drizzle packable jacket", category: "clothing", shape: "shell",
    colours: ["sun", "night"], sizes: CLOTHES, price: 14900, added: 14, rating: 4.3,
    tagline: "Lives at the bottom of the bag until it does not.",
    text: "A light 2.5-layer rain jacket that packs into its own pocket. Vents under the arms, elastic at the wrist, and a peak stiff enough to keep rain off glasses.",
    specs: { Weight: "240 g", Fabric: "2.5-layer, 10 000 mm", Pockets: "2 hand", Hood: "Adjustable", Coating: "PFAS-free" },
  },
  {
    id: "nightfall", name: "Nightfall down jacket", category: "clothing", shape: "down",
    colours: ["night", "berry"], sizes: CLOTHES, price: 24900, added: 21, rating: 4.7,
    tagline: "What you put on when the sun goes.",
    text: "Stitched-through baffles keep it light, a dropped hem keeps the wind out of your back. The down is traceable and the shell is recycled from fishing nets.",
    specs: { Weight: "380 g", Fill: "750 cuin down, certified", Shell: "20D recycled nylon", Pockets: "2 hand, 2 inner" },
  },
  {
    id: "tarn", name: "Tarn half-zip fleece", category: "clothing", shape: "fleece",
    colours: ["moss", "sand"], sizes: CLOTHES, price: 9500, added: 9, rating: 4.5,
    tagline: "The one you will wear at home too.",
    text: "High-pile fleece with a chest pocket and a collar that stands up by itself. Washes well, dries overnight, forgives campfire sparks less.",
    specs: { Weight: "330 g", Fabric: "Recycled polyester, 240 g/m²", Pockets: "1 chest" },
  },
  {
    id: "scree", name: "Scree trekking trousers", category: "clothing", shape: "trousers",
    colours: ["slate", "sand"], sizes: CLOTHES, price: 11900, added: 8, rating: 4.4,
    tagline: "Stretch where you bend, tough where you kneel.",
    text: "Four-way stretch cloth with reinforced knees and two leg pockets that take a folded map. Cuffs cinch over boots.",
    specs: { Weight: "390 g", Fabric: "Nylon/elastane, PFAS-free finish", Pockets: "2 hand, 2 leg" },
  },
  {
    id: "bobble", name: "Lakeland bobble hat", category: "clothing", shape: "beanie",
    colours: ["rust", "moss", "night"], sizes: ["One size"], price: 3200, added: 5, rating: 4.9,
    tagline: "Merino, lined, with a bobble that stays on.",
    text: "Knitted from one strand of merino, lined with fleece over the ears. The bobble is stitched through twice because we know what toddlers do.",
    specs: { Weight: "92 g", Material: "Merino wool, fleece lining", Care: "Wool wash, 30 °C" },
  },
  {
    id: "granite", name: "Granite leather boots", category: "footwear", shape: "boots",
    colours: ["bark", "night"], sizes: SHOES, price: 23500, added: 22, rating: 4.6,
    tagline: "Leather, resoleable, broken in by the second hill.",
    text: "Full-grain leather on a welted sole that a cobbler can replace. Stiff enough for scree, soft enough at the ankle for a long valley out.",
    specs: { Weight: "1.32 kg a pair", Upper: "Full-grain leather", Membrane: "Waterproof, breathable", Sole: "Stitched rubber, resoleable" },
  },
  {
    id: "marmot-mid", name: "Marmot mid boots", category: "footwear", shape: "boots",
    colours: ["moss"], sizes: SHOES, price: 18900, added: 10, rating: 4.3,
    tagline: "A lighter boot for dry days and big ones.",
    text: "Synthetic upper, padded collar and a rock plate. Made for the weeks when you carry little and walk far.",
    specs: { Weight: "980 g a pair", Upper: "Recycled mesh and suede", Sole: "Sticky rubber" },
  },
  {
    id: "switchback", name: "Switchback trail shoes", category: "footwear", shape: "shoe",
    colours: ["sun", "slate", "berry"], sizes: SHOES, price: 13900, added: 23, rating: 4.5,
    tagline: "Five-millimetre lugs and nothing you do not need.",
    text: "Grips wet roots, drains in a few steps and has room for toes on the way down. The tongue is sewn to the upper to keep gravel out.",
    specs: { Weight: "560 g a pair", Drop: "6 mm", Lugs: "5 mm", Upper: "Engineered mesh" },
  },
  {
    id: "highroute-55", name: "Highroute 55 pack", category: "packs", shape: "backpack",
    colours: ["rust", "moss"], sizes: ["S/M", "M/L"], price: 23900, added: 20, rating: 4.7,
    tagline: "A week on your back, and your back still talks to you.",
    text: "An adjustable harness, a lid that doubles as a belt pack and a bottom compartment for the sleeping bag. Load lifters you can reach while walking.",
    specs: { Volume: "55 l + 8 l", Weight: "1.68 kg", Fabric: "210D recycled nylon", Frame: "Aluminium stay" },
  },
  {
    id: "highroute-40", name: "Highroute 40 pack", category: "packs", shape: "backpack",
    colours: ["slate"], sizes: ["S/M", "M/L"], price: 19900, added: 13, rating: 4.6,
    tagline: "Hut to hut.",
    text: "The weekend size of our Highroute. Same harness, fewer straps, and a front pocket that swallows a wet jacket.",
    specs: { Volume: "40 l", Weight: "1.32 kg", Fabric: "210D recycled nylon", Frame: "Aluminium stay" },
  },
  {
    id: "dayhike-18", name: "Dayhike 18 daypack", category: "packs", shape: "daypack",
    colours: ["sun", "night", "berry"], sizes: ["One size"], price: 7900, added: 16, rating: 4.4,
    tagline: "Lunch, layer, map, done.",
    text: "One big zip, one small one, and a back panel that takes a sit mat. Small enough for the train seat, big enough for the day.",
    specs: { Volume: "18 l", Weight: "520 g", Fabric: "420D recycled polyester" },
  },
  {
    id: "ember", name: "Ember gas stove", category: "kitchen", shape: "stove",
    colours: ["rust", "moss"], sizes: ["One size"], price: 5900, added: 15, rating: 4.6,
    tagline: "Boils a litre before the tea is found.",
    text: "A folding burner with a wide head, so porridge does not burn in the middle. Piezo ignition and three stable arms.",
    specs: { Weight: "86 g without canister", Power: "2.8 kW", "Fits canister": "EN 417 thread" },
  },
  {
    id: "tinker", name: "Tinker cookset", category: "kitchen", shape: "cookset",
    colours: ["slate"], sizes: ["One size"], price: 7400, added: 4, rating: 4.5,
    tagline: "A pot, a lid that is a pan, and a mug that fits inside.",
    text: "Hard-anodised aluminium with a handle that locks over the lid. The mug is enamel and will chip honourably.",
    specs: { Weight: "430 g", Volume: "1.4 l + 0.35 l", Material: "Hard-anodised aluminium, enamel" },
  },
  {
    id: "spring", name: "Spring bottle 0.7 l", category: "kitchen", shape: "bottle",
    colours: ["moss", "rust", "slate"], sizes: ["One size"], price: 3400, added: 7, rating: 4.8,
    tagline: "Cold at the top, warm at the hut.",
    text: "Double-walled steel with a loop cap for a carabiner. The powder coat picks up scratches and stories.",
    specs: { Weight: "340 g", Volume: "0.7 l", Material: "Stainless steel" },
  },
  {
    id: "hut-lantern", name: "Hut lantern", category: "light", shape: "lantern",
    colours: ["sun", "night"], sizes: ["One size"], price: 5400, added: 18, rating: 4.7,
    tagline: "Warm light that does not attract every moth.",
    text: "An LED flame behind frosted glass, dimmed by the knob on the side. Charges over USB-C and hangs from its handle.",
    specs: { Weight: "310 g", Light: "10–320 lm", Battery: "5 200 mAh, USB-C" },
  },
  {
    id: "nightwalk", name: "Nightwalk headlamp", category: "light", shape: "headlamp",
    colours: ["rust", "slate"], sizes: ["One size"], price: 4800, added: 12, rating: 4.4,
    tagline: "White for the path, red for the tent.",
    text: "One button for the beam, one for the red light, and a lock so that it does not shine in the bag all day.",
    specs: { Weight: "78 g", Light: "up to 400 lm", Battery: "Rechargeable, USB-C" },
  },
  {
    id: "bearing", name: "Bearing compass", category: "light", shape: "compass",
    colours: ["sand"], sizes: ["One size"], price: 3900, added: 2, rating: 4.6,
    tagline: "Never out of battery.",
    text: "A baseplate compass with a sapphire bearing, luminous marks and a ruler in millimetres. Comes with a card that explains declination in four sentences.",
    specs: { Weight: "36 g", Needle: "Balanced for Europe", Scale: "1:25 000, 1:50 000" },
  },
  {
    id: "fell-poles", name: "Fell trekking poles", category: "light", shape: "poles",
    colours: ["night", "rust"], sizes: ["100–120 cm", "110–130 cm"], price: 12900, added: 1, rating: 4.5,
    tagline: "Two more legs for the way down.",
    text: "Folding poles with cork grips and one lever each. They snap together like tent poles and stay where you set them.",
    specs: { Weight: "480 g a pair", Material: "Aluminium 7075, cork", Folded: "38 cm" },
  },
];

const REVIEWERS = [
  ["Ingrid", "Out in it for nine days, six of them wet. No complaint."],
  ["Matteo", "Simple, and the details are thought through. The zip pulls are big enough for gloves."],
  ["Sanna", "Runs slightly large. Their size guide was right and I was wrong."],
  ["Tom", "Bought it for one trip and have used it every week since."],
  ["Yuki", "Good quality. The colour is a little darker than on the picture."],
  ["Pilar", "Repair service answered the same day and sent a patch for free."],
];

/** Three reviews of a product, the same three every time. */
export function reviewsOf(product) {
  const start = product.added % REVIEWERS.length;
  return [0, 1, 2].map((i) => {
    const [name, text] = REVIEWERS[(start + i) % REVIEWERS.length];
    return { name, text, stars: i === 1 ? 4 : 5 };
  });
}

export function findProduct(id) {
  return PRODUCTS.find((product) => product.id === id);
}

export function imageOf(product, colour = product.colours[0], view = "") {
  return `/shop/img/${product.shape}-${colour}${view && `-${view}`}.svg`;
}

const EURO = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

export function money(cents) {
  return EURO.format(cents / 100);
}
