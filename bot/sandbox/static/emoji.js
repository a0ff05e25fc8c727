/** Knows the emoji shortcodes that messages commonly use. */

const TABLE = `
+1 thumbsup 👍|-1 thumbsdown 👎|100 💯|1234 🔢|8ball 🎱|airplane ✈️|alarm_clock ⏰|alien 👽|ambulance 🚑|anchor ⚓|angry 😠|ant 🐜|apple 🍎|
arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|arrow_up ⬆️|arrow_forward ▶️|arrow_backward ◀️|arrows_counterclockwise 🔄|arrows_clockwise 🔃|art 🎨|astonished 😲|
baby 👶|back 🔙|ballot_box_with_check ☑️|balloon 🎈|bank 🏦|banana 🍌|bar_chart 📊|battery 🔋|beach_with_umbrella 🏖️|bear 🐻|bee honeybee 🐝|beer 🍺|beers 🍻|beginner 🔰|bell 🔔|
no_bell 🔕|bike 🚲|bird 🐦|birthday 🎂|black_circle ⚫|black_heart 🖤|black_square_button 🔲|blue_book 📘|blue_heart 💙|blush 😊|bomb 💣|book open_book 📖|bookmark 🔖|books 📚|boom collision 💥|
bow 🙇|brain 🧠|bread 🍞|briefcase 💼|broken_heart 💔|broom 🧹|bug 🐛|building_construction 🏗️|bulb 💡|bus 🚌|busts_in_silhouette 👥|bust_in_silhouette 👤|cactus 🌵|cake 🍰|calendar 📆|date 📅|spiral_calendar_pad 🗓️|call_me_hand 🤙|
calling 📲|camera 📷|candle 🕯️|car red_car 🚗|card_index 📇|card_index_dividers 🗂️|card_file_box 🗃️|cat 🐱|chart_with_downwards_trend 📉|chart_with_upwards_trend 📈|chart 💹|checkered_flag 🏁|cherries 🍒|
chicken 🐔|classical_building 🏛️|clap 👏|clipboard 📋|clock1 🕐|clock3 🕒|clock9 🕘|closed_book 📕|closed_lock_with_key 🔐|cloud ☁️|clown_face 🤡|coffee ☕|computer 💻|confetti_ball 🎊|confounded 😖|
confused 😕|construction 🚧|construction_worker 👷|cookie 🍪|cool 🆒|cop 👮|couple 👫|cow 🐮|credit_card 💳|crossed_fingers 🤞|crown 👑|cry 😢|crystal_ball 🔮|cupid 💘|cyclone 🌀|dancer 💃|dancers 👯|dart 🎯|
dash 💨|desktop_computer 🖥️|disappointed 😞|dizzy 💫|dog 🐶|dollar 💵|door 🚪|droplet 💧|dvd 📀|ear 👂|earth_africa 🌍|earth_americas 🌎|earth_asia 🌏|egg 🥚|email envelope ✉️|e-mail 📧|envelope_with_arrow 📩|
exclamation heavy_exclamation_mark ❗|grey_exclamation ❕|bangbang ‼️|eyeglasses 👓|eyes 👀|facepalm face_palm 🤦|factory 🏭|fast_forward ⏩|fearful 😨|file_cabinet 🗄️|file_folder 📁|open_file_folder 📂|fire 🔥|fireworks 🎆|first_place_medal 🥇|
fish 🐟|fist 👊|flag-gb 🇬🇧|flag-us 🇺🇸|flashlight 🔦|floppy_disk 💾|flushed 😳|four_leaf_clover 🍀|fox_face 🦊|free 🆓|frog 🐸|frowning 😦|gear ⚙️|gem 💎|ghost 👻|gift 🎁|globe_with_meridians 🌐|green_apple 🍏|
green_book 📗|green_heart 💚|large_green_circle 🟢|large_green_square 🟩|large_yellow_circle 🟡|large_orange_circle 🟠|large_purple_circle 🟣|grimacing 😬|grin 😁|grinning 😀|guardsman 💂|hammer 🔨|hammer_and_wrench 🛠️|hamster 🐹|hand raised_hand ✋|handshake 🤝|
hash #️⃣|hatched_chick 🐥|hatching_chick 🐣|headphones 🎧|hear_no_evil 🙉|heart ❤️|heart_eyes 😍|heartbeat 💓|heavy_check_mark ✔️|heavy_minus_sign ➖|heavy_multiplication_x ✖️|heavy_plus_sign ➕|herb 🌿|
honey_pot 🍯|hospital 🏥|hotel 🏨|hourglass ⌛|hourglass_flowing_sand ⏳|house 🏠|office 🏢|hugging_face 🤗|hushed 😯|id 🆔|inbox_tray 📥|outbox_tray 📤|incoming_envelope 📨|information_source ℹ️|
information_desk_person 💁|innocent 😇|interrobang ⁉️|iphone 📱|joy 😂|key 🔑|old_key 🗝️|keycap_star *️⃣|keyboard ⌨️|kiss 💋|label 🏷️|large_blue_circle 🔵|large_blue_square 🟦|large_orange_diamond 🔶|large_blue_diamond 🔷|
large_red_square 🟥|red_circle 🔴|large_yellow_square 🟨|laughing satisfied 😆|leaves 🍃|ledger 📒|lemon 🍋|link 🔗|lion_face 🦁|lock 🔒|lock_with_ink_pen 🔏|loud_sound 🔊|loudspeaker 📢|low_brightness 🔅|
mag 🔍|mag_right 🔎|mailbox 📫|mailbox_with_mail 📬|man 👨|mask 😷|mega 📣|memo pencil 📝|mending_heart ❤️‍🩹|microphone 🎤|microscope 🔬|minibus 🚐|money_with_wings 💸|moneybag 💰|monkey_face 🐵|moon 🌔|
mortar_board 🎓|mountain ⛰️|mouse 🐭|movie_camera 🎥|muscle 💪|mute 🔇|nail_care 💅|neutral_face 😐|new 🆕|newspaper 📰|new_moon 🌑|no_entry ⛔|no_entry_sign 🚫|no_good 🙅|notebook 📓|nut_and_bolt 🔩|
octagonal_sign 🛑|ocean 🌊|ok 🆗|ok_hand 👌|ok_woman 🙆|older_man 👴|older_woman 👵|open_hands 👐|open_mouth 😮|orange_book 📙|orange_heart 🧡|package 📦|page_facing_up 📄|page_with_curl 📃|bookmark_tabs 📑|
palm_tree 🌴|panda_face 🐼|paperclip 📎|partying_face 🥳|party_popper tada 🎉|passport_control 🛂|pause_button double_vertical_bar ⏸️|peach 🍑|pear 🍐|pencil2 ✏️|penguin 🐧|pensive 😔|people_holding_hands 🧑‍🤝‍🧑|phone telephone ☎️|
telephone_receiver 📞|pig 🐷|pill 💊|pineapple 🍍|pizza 🍕|point_down 👇|point_left 👈|point_right 👉|point_up ☝️|point_up_2 👆|police_car 🚓|postbox 📮|pray 🙏|pushpin 📌|round_pushpin 📍|purple_heart 💜|
question ❓|grey_question ❔|rabbit 🐰|radio_button 🔘|rage 😡|rainbow 🌈|raised_hands 🙌|raising_hand 🙋|recycle ♻️|relaxed ☺️|relieved 😌|repeat 🔁|reverse 🔄|rewind ⏪|ribbon 🎀|rice 🍚|ring 💍|robot_face 🤖|
rocket 🚀|rolling_on_the_floor_laughing 🤣|rose 🌹|rotating_light 🚨|runner running 🏃|sandwich 🥪|satellite 🛰️|scales ⚖️|school 🏫|scissors ✂️|scream 😱|scroll 📜|second_place_medal 🥈|see_no_evil 🙈|seedling 🌱|
shield 🛡️|ship 🚢|shopping_trolley 🛒|shrug 🤷|sleeping 😴|sleepy 😪|slightly_smiling_face 🙂|slightly_frowning_face 🙁|upside_down_face 🙃|small_blue_diamond 🔹|small_orange_diamond 🔸|small_red_triangle 🔺|small_red_triangle_down 🔻|
smile 😄|smiley 😃|smirk 😏|smoking 🚬|snail 🐌|snowflake ❄️|snowman ⛄|sob 😭|soccer ⚽|soon 🔜|sos 🆘|sparkle ❇️|sparkles ✨|sparkling_heart 💖|speak_no_evil 🙊|speech_balloon 💬|thought_balloon 💭|spider_web 🕸️|
star ⭐|star2 🌟|star-struck 🤩|stopwatch ⏱️|timer_clock ⏲️|stop_button ⏹️|stuck_out_tongue 😛|stuck_out_tongue_winking_eye 😜|sun_with_face 🌞|sunflower 🌻|sunglasses 😎|sunny ☀️|sweat 😓|sweat_smile 😅|
syringe 💉|taco 🌮|tent ⛺|test_tube 🧪|thermometer 🌡️|thinking_face 🤔|third_place_medal 🥉|ticket 🎫|tired_face 😫|tm ™️|toolbox 🧰|tools 🛠️|top 🔝|tractor 🚜|traffic_light 🚥|train 🚋|triangular_flag_on_post 🚩|
triangular_ruler 📐|trophy 🏆|truck 🚚|tulip 🌷|tumbler_glass 🥃|turtle 🐢|twisted_rightwards_arrows 🔀|umbrella ☔|unamused 😒|unlock 🔓|up 🆙|v ✌️|vertical_traffic_light 🚦|video_camera 📹|vs 🆚|wale whale 🐳|warning ⚠️|
wastebasket 🗑️|watch ⌚|watermelon 🍉|wave 👋|wavy_dash 〰️|waving_white_flag white_flag 🏳️|wc 🚾|weary 😩|white_check_mark ✅|white_circle ⚪|white_heart 🤍|white_large_square ⬜|black_large_square ⬛|wind_chime 🎐|wine_glass 🍷|
wink 😉|wolf 🐺|woman 👩|world_map 🗺️|worried 😟|wrench 🔧|writing_hand ✍️|x ❌|negative_squared_cross_mark ❎|yellow_heart 💛|yum 😋|zap ⚡|zero 0️⃣|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|zipper_mouth_face 🤐|zzz 💤`;

const EMOJI = new Map();
for (const entry of TABLE.replace(/\n/g, "").split("|")) {
  const words = entry.split(" ");
  const unicode = words.pop();
  for (const name of words) EMOJI.set(name, unicode);
}
const TONABLE = new Set("👍👎👊✋🙌👏🙏💪👋👌✌☝👆👇👈👉🙋🙅🙆🙇💁🤷🤦🤞🤙👮👷💂👶👨👩👴👵🏃💅");
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

/** The characters of `:name:`, with skin tone "2" to "6" if given, or undefined. */
export function emojiOf(name, tone) {
  const unicode = EMOJI.get(name.toLowerCase());
  if (!unicode || !tone || !TONABLE.has([...unicode][0])) return unicode;
  return [...unicode][0] + TONES[tone - 2];
}

/** Up to `limit` pairs [name, characters] whose name contains `typed`, those that begin with it first. */
export function findEmoji(typed, limit) {
  const query = typed.toLowerCase();
  const found = [...EMOJI].filter(([name]) => name.includes(query));
  found.sort((a, b) => Number(b[0].startsWith(query)) - Number(a[0].startsWith(query)));
  return found.slice(0, limit);
}
