;; The inner loop of src/math/draws.ts, which says what is computed. WebAssembly has what JavaScript has not: products of
;; 64 bits and four lanes. `node tools/generate-draws.mjs` writes src/math/generated/draws-wasm.ts from this file.
;; There is no operation here whose result depends on the machine: integers, and + and × of float32.
(module
  ;; The normal number of a draw whose field falls into an outermost cell, by block, place in it, and field.
  (import "draws" "outer" (func $outer (param i32 i32 i32) (result f32)))
  ;; From 0: the positive half of the table of normal quantiles, 2^15 float32. From 2^17: 64 bytes for the words of four
  ;; blocks. Then what the caller puts there: centres, and room for the draws.
  (memory (export "memory") 3)
  (global $words i32 (i32.const 131072))

  ;; Fills [place, end) with centre + width · z, 32 draws at a time; z is the field itself, or its normal quantile.
  ;; The centres of [centres, centresEnd) are taken in turn, 8 at a time, from `centre` on.
  (func (export "fill")
    (param $isNormal i32) (param $width f32)
    (param $key0 i32) (param $key1 i32) (param $block i32) (param $counter1 i32) (param $counter2 i32) (param $counter3 i32)
    (param $place i32) (param $end i32) (param $centre i32) (param $centres i32) (param $centresEnd i32)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128) (local $k0 v128) (local $k1 v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $round i32) (local $from i32) (local $lane i32) (local $field i32)
    (loop $four
      ;; Lane j of x0 … x3 is word 0 … 3 of block `block + j`.
      (local.set $x0 (i32x4.add (i32x4.splat (local.get $block)) (v128.const i32x4 0 1 2 3)))
      (local.set $x1 (i32x4.splat (local.get $counter1)))
      (local.set $x2 (i32x4.splat (local.get $counter2)))
      (local.set $x3 (i32x4.splat (local.get $counter3)))
      (local.set $k0 (i32x4.splat (local.get $key0)))
      (local.set $k1 (i32x4.splat (local.get $key1)))
      (local.set $round (i32.const 10))
      (loop $rounds
        ;; The products M0 · x0 and M1 · x2, of lanes 0 and 1, and of lanes 2 and 3.
        (local.set $a (i64x2.extmul_low_i32x4_u (local.get $x0) (v128.const i32x4 0xd2511f53 0xd2511f53 0xd2511f53 0xd2511f53)))
        (local.set $b (i64x2.extmul_high_i32x4_u (local.get $x0) (v128.const i32x4 0xd2511f53 0xd2511f53 0xd2511f53 0xd2511f53)))
        (local.set $c (i64x2.extmul_low_i32x4_u (local.get $x2) (v128.const i32x4 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57)))
        (local.set $d (i64x2.extmul_high_i32x4_u (local.get $x2) (v128.const i32x4 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57)))
        (local.set $x0 (v128.xor (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $c) (local.get $d)) (v128.xor (local.get $x1) (local.get $k0))))
        (local.set $x1 (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $c) (local.get $d)))
        (local.set $x2 (v128.xor (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $a) (local.get $b)) (v128.xor (local.get $x3) (local.get $k1))))
        (local.set $x3 (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $a) (local.get $b)))
        (local.set $k0 (i32x4.add (local.get $k0) (v128.const i32x4 0x9e3779b9 0x9e3779b9 0x9e3779b9 0x9e3779b9)))
        (local.set $k1 (i32x4.add (local.get $k1) (v128.const i32x4 0xbb67ae85 0xbb67ae85 0xbb67ae85 0xbb67ae85)))
        (br_if $rounds (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))

      ;; From lanes to blocks: each block's four words side by side, which are its eight fields of 16 bits in order.
      (local.set $a (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $x0) (local.get $x1)))
      (local.set $b (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $x0) (local.get $x1)))
      (local.set $c (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $x2) (local.get $x3)))
      (local.set $d (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $x2) (local.get $x3)))
      (v128.store offset=0 (global.get $words) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c)))
      (v128.store offset=16 (global.get $words) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c)))
      (v128.store offset=32 (global.get $words) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $b) (local.get $d)))
      (v128.store offset=48 (global.get $words) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $b) (local.get $d)))

      (local.set $from (global.get $words))
      (loop $blocks
        (local.set $c (v128.load (local.get $from)))
        (if (local.get $isNormal)
          (then
            ;; a and b: the quantiles of |z|, by the lower 15 bits; the upper one is the sign.
            (local.set $a (v128.load32_zero (i32.shl (i32.and (i32.load16_u offset=0 (local.get $from)) (i32.const 0x7fff)) (i32.const 2))))
            (local.set $a (v128.load32_lane 1 (i32.shl (i32.and (i32.load16_u offset=2 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $a)))
            (local.set $a (v128.load32_lane 2 (i32.shl (i32.and (i32.load16_u offset=4 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $a)))
            (local.set $a (v128.load32_lane 3 (i32.shl (i32.and (i32.load16_u offset=6 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $a)))
            (local.set $b (v128.load32_zero (i32.shl (i32.and (i32.load16_u offset=8 (local.get $from)) (i32.const 0x7fff)) (i32.const 2))))
            (local.set $b (v128.load32_lane 1 (i32.shl (i32.and (i32.load16_u offset=10 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $b)))
            (local.set $b (v128.load32_lane 2 (i32.shl (i32.and (i32.load16_u offset=12 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $b)))
            (local.set $b (v128.load32_lane 3 (i32.shl (i32.and (i32.load16_u offset=14 (local.get $from)) (i32.const 0x7fff)) (i32.const 2)) (local.get $b)))
            (local.set $a (v128.xor (local.get $a)
              (v128.and (i32x4.shl (i32x4.extend_low_i16x8_u (local.get $c)) (i32.const 16)) (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000))))
            (local.set $b (v128.xor (local.get $b)
              (v128.and (i32x4.shl (i32x4.extend_high_i16x8_u (local.get $c)) (i32.const 16)) (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000))))
            (if (v128.any_true (i16x8.gt_s
                (v128.and (local.get $c) (v128.const i16x8 0x7fff 0x7fff 0x7fff 0x7fff 0x7fff 0x7fff 0x7fff 0x7fff))
                (v128.const i16x8 32759 32759 32759 32759 32759 32759 32759 32759)))
              (then
                (v128.store offset=0 (local.get $place) (local.get $a))
                (v128.store offset=16 (local.get $place) (local.get $b))
                (local.set $lane (i32.const 0))
                (loop $lanes
                  (local.set $field (i32.load16_u (i32.add (local.get $from) (i32.shl (local.get $lane) (i32.const 1)))))
                  (if (i32.gt_u (i32.and (local.get $field) (i32.const 0x7fff)) (i32.const 32759))
                    (then (f32.store (i32.add (local.get $place) (i32.shl (local.get $lane) (i32.const 2)))
                      (call $outer (local.get $block) (local.get $lane) (local.get $field)))))
                  (br_if $lanes (i32.lt_u (local.tee $lane (i32.add (local.get $lane) (i32.const 1))) (i32.const 8))))
                (local.set $a (v128.load offset=0 (local.get $place)))
                (local.set $b (v128.load offset=16 (local.get $place))))))
          (else
            (local.set $a (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u (local.get $c))))
            (local.set $b (f32x4.convert_i32x4_u (i32x4.extend_high_i16x8_u (local.get $c))))))
        (v128.store offset=0 (local.get $place)
          (f32x4.add (v128.load offset=0 (local.get $centre)) (f32x4.mul (f32x4.splat (local.get $width)) (local.get $a))))
        (v128.store offset=16 (local.get $place)
          (f32x4.add (v128.load offset=16 (local.get $centre)) (f32x4.mul (f32x4.splat (local.get $width)) (local.get $b))))
        (local.set $place (i32.add (local.get $place) (i32.const 32)))
        (local.set $centre (i32.add (local.get $centre) (i32.const 32)))
        (if (i32.eq (local.get $centre) (local.get $centresEnd)) (then (local.set $centre (local.get $centres))))
        (local.set $block (i32.add (local.get $block) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br_if $blocks (i32.lt_u (local.get $from) (i32.add (global.get $words) (i32.const 64)))))
      (br_if $four (i32.lt_u (local.get $place) (local.get $end))))))
