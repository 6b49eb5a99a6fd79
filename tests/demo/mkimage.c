/* SPDX-License-Identifier: Apache-2.0
 *
 * mkimage - draw a product picture for the demo, of an exact size in bytes.
 *
 *	mkimage STYLE BYTES FILE	FILE ends in .jpg or .png
 *
 * The pictures of the workshop's shop are not ours to copy, so each product
 * gets a drawn watch.  A JPEG comes out at the exact size: the best quality
 * that fits, then COM segments, which every decoder skips.  BYTES = 0, and any
 * PNG, leaves the size as it comes.
 *
 * Shapes are signed distances (negative inside), because a distance gives the
 * soft edge, the bevel and the shadow of a shape from one number.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h> /* needs stdio.h before it */
#include <png.h>

#define SIDE 800 /* pixels */
#define COM_MAX 65533 /* payload of one COM segment */

struct rgb {
	float r, g, b;
};

struct style {
	const char *name;
	struct rgb wall, strap, metal, dial, ink;
	float strap_half; /* half the width; 0: no strap, a pocket watch */
	int square; /* a smart watch: a screen instead of hands */
	int bezel; /* a diver's ring with sixty marks */
};

/* clang-format off */
static const struct style styles[] = {
	{ "chrono_classic", {.93f, .90f, .85f}, {.36f, .20f, .11f},
	  {.80f, .80f, .82f}, {.96f, .95f, .91f}, {.12f, .12f, .14f}, .15f, 0, 0 },
	{ "gentleman", {.86f, .88f, .91f}, {.10f, .10f, .12f},
	  {.85f, .70f, .38f}, {.11f, .14f, .22f}, {.92f, .82f, .58f}, .13f, 0, 0 },
	{ "pocket_watch", {.90f, .86f, .80f}, {0, 0, 0},
	  {.78f, .60f, .30f}, {.97f, .94f, .86f}, {.20f, .14f, .10f}, 0, 0, 0 },
	{ "smart_1", {.88f, .91f, .93f}, {.16f, .30f, .44f},
	  {.28f, .29f, .31f}, {.03f, .04f, .06f}, {.35f, .85f, .95f}, .16f, 1, 0 },
	{ "smart_2", {.95f, .95f, .95f}, {.85f, .85f, .86f},
	  {.75f, .76f, .78f}, {.04f, .03f, .05f}, {.98f, .55f, .35f}, .16f, 1, 0 },
	{ "wood_watch", {.84f, .88f, .82f}, {.52f, .34f, .19f},
	  {.62f, .42f, .24f}, {.80f, .62f, .40f}, {.22f, .12f, .06f}, .15f, 0, 0 },
	{ "dive_watch", {.80f, .88f, .92f}, {.08f, .12f, .16f},
	  {.72f, .75f, .78f}, {.04f, .20f, .34f}, {.95f, .97f, .93f}, .16f, 0, 1 },
};
/* clang-format on */

static float
clampf(float v, float lo, float hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* Coverage of a pixel by a shape at distance D; the edge is one pixel wide. */
static float
cover(float d)
{
	return clampf(.5f - d * SIDE / 2, 0, 1);
}

static void
paint(struct rgb *px, struct rgb c, float alpha)
{
	px->r += (c.r - px->r) * alpha;
	px->g += (c.g - px->g) * alpha;
	px->b += (c.b - px->b) * alpha;
}

static struct rgb
shade(struct rgb c, float by)
{
	return (struct rgb){ clampf(c.r * by, 0, 1), clampf(c.g * by, 0, 1),
			     clampf(c.b * by, 0, 1) };
}

static float
dist_box(float x, float y, float w, float h, float round)
{
	float dx = fabsf(x) - w + round, dy = fabsf(y) - h + round;

	return hypotf(fmaxf(dx, 0), fmaxf(dy, 0)) + fminf(fmaxf(dx, dy), 0) -
	       round;
}

/* A bar from radius FROM to TO at ANGLE (clockwise, 0 is twelve o'clock). */
static float
dist_ray(float x, float y, float angle, float from, float to, float half)
{
	float s = sinf(angle), c = cosf(angle);

	return dist_box(x * c + y * s, x * s - y * c - (from + to) / 2, half,
			(to - from) / 2, half);
}

/* The nearest of N marks around the dial, as one bar at twelve o'clock. */
static float
dist_marks(float x, float y, int n, float from, float to, float half)
{
	float step = 2 * (float)M_PI / n;
	float angle = roundf(atan2f(x, -y) / step) * step;

	return dist_ray(x, y, angle, from, to, half);
}

static float
dist_case(const struct style *st, float x, float y, float grow)
{
	if (st->square)
		return dist_box(x, y, .42f + grow, .48f + grow, .14f);
	return hypotf(x, y) - .50f - grow;
}

static void
draw_strap(const struct style *st, struct rgb *px, float x, float y)
{
	float d, seam, width;

	if (st->strap_half == 0) { /* bow and crown of a pocket watch */
		d = fabsf(hypotf(x, y + .66f) - .10f) - .022f;
		paint(px, shade(st->metal, 1 - 3 * fabsf(d)), cover(d));
		d = dist_box(x, y + .54f, .055f, .05f, .02f);
		paint(px, shade(st->metal, .8f), cover(d));
		return;
	}
	width = st->strap_half * (1.7f - .45f * fabsf(y));
	d = dist_box(x, y, width, 1.2f, 0);
	paint(px, shade(st->strap, 1.15f - .5f * fabsf(x) / width), cover(d));
	seam = fabsf(fabsf(x) - width + .03f) - .004f;
	if (sinf(y * 90) > 0)
		paint(px, shade(st->strap, 1.7f), .7f * cover(seam));
	/* The crown. */
	d = dist_box(x - (st->square ? .44f : .52f), y, .05f, .05f, .015f);
	paint(px, shade(st->metal, .7f + .3f * sinf(y * 160)), cover(d));
}

static void
draw_screen(const struct style *st, struct rgb *px, float x, float y)
{
	static const float done[] = { .82f, .64f, .45f };
	float ring, turn = atan2f(x, -y) / (2 * (float)M_PI);

	if (turn < 0)
		turn += 1;
	for (int i = 0; i < 3; i++) {
		struct rgb c = shade(st->ink, 1 - .25f * (float)i);

		ring = fabsf(hypotf(x, y) - .29f + .075f * (float)i) - .026f;
		paint(px, shade(c, turn < done[i] ? 1 : .25f), cover(ring));
	}
	for (int i = -1; i <= 1; i++)
		paint(px, st->ink,
		      .6f * cover(dist_box(x - .12f * (float)i, y - .37f, .035f,
					   .012f, .012f)));
}

static void
draw_hands(const struct style *st, struct rgb *px, float x, float y)
{
	const float hour = -.95f, minute = 1.05f, second = 2.6f;
	struct rgb red = { .80f, .15f, .12f };
	float soft;

	paint(px, st->ink, cover(dist_marks(x, y, 60, .385f, .40f, .002f)));
	paint(px, st->ink, cover(dist_marks(x, y, 12, .33f, .40f, .009f)));
	paint(px, st->ink, cover(dist_marks(x, y, 4, .31f, .40f, .014f)));
	soft = fminf(dist_ray(x - .01f, y - .015f, hour, -.05f, .22f, .018f),
		     dist_ray(x - .01f, y - .015f, minute, -.05f, .33f, .013f));
	paint(px, (struct rgb){ 0, 0, 0 },
	      .35f * clampf(.5f - soft * 50, 0, 1));
	paint(px, st->ink, cover(dist_ray(x, y, hour, -.05f, .22f, .018f)));
	paint(px, st->ink, cover(dist_ray(x, y, minute, -.05f, .33f, .013f)));
	paint(px, red, cover(dist_ray(x, y, second, -.09f, .36f, .005f)));
	paint(px, red, cover(hypotf(x, y) - .022f));
}

static struct rgb
pixel(const struct style *st, float x, float y)
{
	float far = hypotf(x, y), d, soft, light;
	struct rgb px = shade(st->wall, 1.10f - .22f * far);

	soft = dist_case(st, x - .03f, y - .06f, 0);
	paint(&px, (struct rgb){ 0, 0, 0 },
	      .45f * clampf(.3f - soft * 6, 0, 1));
	draw_strap(st, &px, x, y);
	d = dist_case(st, x, y, 0);
	light = .85f + .30f * sinf(atan2f(x, -y) * 2 + .8f); /* brushed */
	paint(&px, shade(st->metal, light), cover(d));
	d = dist_case(st, x, y, -.035f);
	paint(&px, shade(st->metal, 1.5f - light), cover(d));
	d = dist_case(st, x, y, -.065f);
	paint(&px, shade(st->dial, 1.12f - .35f * far), cover(d));
	if (st->bezel) {
		d = fabsf(far - .46f) - .035f;
		paint(&px, shade(st->strap, 1.2f), cover(d));
		d = dist_marks(x, y, 60, .45f, .47f, .003f);
		paint(&px, st->ink, cover(d));
		d = dist_marks(x, y, 12, .44f, .48f, .008f);
		paint(&px, st->ink, cover(d));
	}
	if (st->square)
		draw_screen(st, &px, x, y);
	else
		draw_hands(st, &px, x, y);
	if (x + y * .6f < -.12f) /* a reflection on the glass */
		paint(&px, (struct rgb){ 1, 1, 1 },
		      .07f * cover(dist_case(st, x, y, -.08f)));
	return px;
}

/* Rows of RGB bytes, with a grain that keeps the gradients from banding. */
static unsigned char *
draw(const struct style *st)
{
	unsigned char *img = malloc(SIDE * SIDE * 3), *p = img;
	uint32_t noise = 1;

	if (!img)
		return NULL;
	for (int i = 0; i < SIDE * SIDE; i++) {
		float x = ((float)(i % SIDE) + .5f) * 2 / SIDE - 1;
		float y = ((float)(i / SIDE) + .5f) * 2 / SIDE - 1;
		struct rgb c = pixel(st, x, y);
		float grain;

		noise = noise * 1664525 + 1013904223;
		grain = (float)(noise >> 24) / 64 - 2;
		*p++ = (unsigned char)clampf(c.r * 255 + grain, 0, 255);
		*p++ = (unsigned char)clampf(c.g * 255 + grain, 0, 255);
		*p++ = (unsigned char)clampf(c.b * 255 + grain, 0, 255);
	}
	return img;
}

/* Compress at QUALITY; PAD bytes (0, or at least 4) become COM segments. */
static void
compress(unsigned char *img, int quality, size_t pad, unsigned char **ret,
	 unsigned long *ret_len)
{
	static const JOCTET zeros[COM_MAX];
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr jerr;

	c.err = jpeg_std_error(&jerr); /* prints and exits on an error */
	jpeg_create_compress(&c);
	*ret = NULL;
	*ret_len = 0;
	jpeg_mem_dest(&c, ret, ret_len);
	c.image_width = c.image_height = SIDE;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	c.optimize_coding = TRUE;
	jpeg_start_compress(&c, TRUE);
	while (pad > 0) {
		size_t seg = pad > COM_MAX + 4 ? COM_MAX + 4 : pad;

		if (pad - seg > 0 && pad - seg < 4)
			seg -= 4; /* leave room for one more header */
		jpeg_write_marker(&c, JPEG_COM, zeros, (unsigned)(seg - 4));
		pad -= seg;
	}
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = img + c.next_scanline * SIDE * 3;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
}

static int
write_jpeg(unsigned char *img, unsigned long want, const char *path)
{
	unsigned char *out = NULL;
	unsigned long len = 0;
	int quality = want ? 98 : 85, bad;
	FILE *f;

	compress(img, quality, 0, &out, &len);
	while (want && len != want && len + 4 > want && quality > 1) {
		free(out);
		compress(img, --quality, 0, &out, &len);
	}
	if (want && len < want) {
		unsigned long pad = want - len;

		free(out);
		compress(img, quality, pad, &out, &len);
	}
	if (want && len != want) {
		fprintf(stderr, "mkimage: %s: %lu bytes are too few\n", path,
			want);
		return 1;
	}
	f = fopen(path, "wb");
	bad = !f || fwrite(out, 1, len, f) != len;
	if (f && fclose(f) != 0)
		bad = 1;
	free(out);
	if (bad)
		perror(path);
	return bad;
}

static int
write_png(const unsigned char *img, const char *path)
{
	png_image png = {
		.version = PNG_IMAGE_VERSION,
		.width = SIDE,
		.height = SIDE,
		.format = PNG_FORMAT_RGB,
	};

	if (png_image_write_to_file(&png, path, 0, img, 0, NULL))
		return 0;
	fprintf(stderr, "mkimage: %s: %s\n", path, png.message);
	return 1;
}

int
main(int argc, char **argv)
{
	const struct style *st = NULL;
	unsigned char *img;
	const char *ext;
	int bad;

	for (size_t i = 0; argc == 4 && i < sizeof(styles) / sizeof(*styles);
	     i++)
		if (strcmp(styles[i].name, argv[1]) == 0)
			st = &styles[i];
	ext = argc == 4 ? strrchr(argv[3], '.') : NULL;
	if (!st || !ext) {
		fprintf(stderr, "usage: mkimage STYLE BYTES FILE.jpg|FILE.png\n"
				"styles:");
		for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++)
			fprintf(stderr, " %s", styles[i].name);
		fprintf(stderr, "\n");
		return 2;
	}
	img = draw(st);
	if (!img)
		return 1;
	if (strcmp(ext, ".png") == 0)
		bad = write_png(img, argv[3]);
	else
		bad = write_jpeg(img, strtoul(argv[2], NULL, 10), argv[3]);
	free(img);
	return bad;
}
