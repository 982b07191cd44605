/**
 * What the generated texts are made of. Each list is in order of how often its words are drawn, most often first.
 * Rare and compound words stand at the end: a WordPiece vocabulary splits them, as it splits names and terms in
 * texts that people write.
 */
const words = (list) => list.trim().split(/\s+/);
const phrases = (list) =>
  list
    .trim()
    .split('\n')
    .map((line) => line.trim());

export const PEOPLE = words(`
  man woman teacher child doctor student farmer girl boy driver engineer writer painter nurse worker lawyer mayor
  scientist neighbor baker pilot singer captain librarian gardener tailor carpenter electrician fisherman
  archaeologist apprentice beekeeper cartographer blacksmith locksmith translator violinist meteorologist
  veterinarian stonemason glassblower choreographer`);

export const NAMES = words(`
  Anna Thomas Maria David Laura Peter Elena Samuel Clara Victor Nadia Oscar Ingrid Rafael Priya Tomasz Yusuf
  Marguerite Siobhan Kowalczyk Okonkwo Lindqvist Haruki Benedetta Anastasopoulos`);

export const THINGS = words(`
  house book road table letter river door car window field story bridge market plan garden machine ship picture
  report train boat kitchen song engine harbor basket lamp wall clock valley roof orchard bicycle museum contract
  ticket notebook staircase lantern ladder telescope kettle wardrobe umbrella courtyard windmill greenhouse
  typewriter thermometer accordion wheelbarrow manuscript aqueduct chandelier barometer tapestry sundial
  grindstone drainpipe scaffolding marmalade turnstile weathervane gearbox`);

export const IDEAS = words(`
  time work question idea answer price law season problem rule change method result cost danger habit memory
  decision reason rumor promise theory budget experiment tradition schedule agreement silence estimate
  measurement negotiation temperature turbulence inheritance coefficient vibration viscosity probability
  infrastructure bankruptcy photosynthesis recalibration asymmetry misunderstanding subtraction
  interoperability electrification`);

export const QUALITIES = words(`
  old new small long young large quiet early dark heavy cold common broken green narrow strange empty warm
  careful simple bright distant rough famous modern gentle wooden muddy patient crowded faded stubborn frozen
  polished reliable temporary uneven generous rusty provincial weatherproof meticulous ornate translucent
  lopsided moth-eaten half-finished second-hand well-worn sunburnt unassuming cantankerous`);

export const ACTIONS = words(`
  found made took wanted left kept built read opened carried painted sold moved bought followed described closed
  measured repaired forgot cleaned visited promised counted discovered borrowed defended ordered explained
  designed replaced admired polished abandoned inspected catalogued photographed dismantled recalculated
  misplaced transcribed varnished auctioned underestimated`);

export const DEEDS = words(`
  waited slept laughed worked arrived listened walked stopped agreed changed smiled returned argued rested
  hesitated complained whispered disappeared stumbled apologized rejoiced dawdled improvised hibernated`);

export const MANNERS = words(`
  again slowly often quickly never quietly always together alone almost suddenly carefully finally rarely gladly
  patiently nervously reluctantly awkwardly absentmindedly clockwise unanimously`);

export const PLACES = phrases(`
  in the city
  near the station
  on the hill
  behind the school
  at the market
  along the coast
  under the bridge
  across the river
  beside the old church
  in a quiet village
  at the edge of the forest
  above the workshop
  between two tall buildings
  on the second floor
  outside the courthouse
  in the northern province
  beyond the railway line
  at the foot of the staircase
  next to the abandoned quarry
  inside the hydroelectric plant
  on the Ljubljana road
  opposite the apothecary`);

export const TIMES = phrases(`
  in the morning
  last year
  every day
  before noon
  after the war
  on Sunday
  for three weeks
  until midnight
  during the winter
  at the same time
  over the weekend
  since the spring
  within an hour
  for most of a decade
  shortly before dawn
  on the first of September
  throughout the quarantine`);

export const CIRCUMSTANCES = phrases(`
  with great care
  without a word
  for the first time
  by mistake
  as usual
  in spite of the rain
  because of the noise
  according to the newspaper
  with both hands
  under these conditions
  to everyone's surprise
  for no obvious reason
  at a fraction of the cost
  with a borrowed screwdriver
  in accordance with the bylaws
  thanks to an overlooked footnote`);

export const LINKS = phrases(`
  and
  but
  because
  while
  so
  although
  and then
  even though
  whereas
  as soon as`);

export const OPENINGS = phrases(`
  However,
  In the end,
  For example,
  At first,
  Later that day,
  Of course,
  On the other hand,
  Nevertheless,
  As a consequence,
  Surprisingly enough,`);

export const SAYINGS = phrases(`
  it was not easy to say why
  nobody knew what had happened
  there was nothing left to do
  it took longer than anyone had thought
  the rest is well known
  the numbers did not add up
  that was only half of the truth
  the paperwork was in perfect order
  it had never been properly documented`);

export const UNITS = phrases(`
  years
  miles
  people
  dollars
  pages
  meters
  percent
  degrees
  kilograms
  milliseconds
  hectares`);
